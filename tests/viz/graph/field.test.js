// What a position of a feature map sees of the input.

import assert from "node:assert/strict";
import { test } from "node:test";

import { cellAt, seenBy } from "../../../viz/graph/assets/field.js";

test("each position sees its own rows, and the last one stands for all where all see the same", () => {
  const axis = [11, 4, -5, false, [0, 0, 3], [5, 9, 13]];
  assert.deepEqual(seenBy(axis, 0, 224), [0, 5]);
  assert.deepEqual(seenBy(axis, 2, 224), [3, 13]);
  assert.deepEqual(seenBy([5, 0, 7, false, [7], [11]], 3, 224), [7, 11]);
});

test("a position of padding sees nothing", () => assert.equal(seenBy([3, 1, -4, false, [0, 0], [-1, 2]], 0, 17), null));

test("an operation that mixes all positions sees the whole input", () => assert.deepEqual(seenBy([1, 1, 0, true, [0], [16]], 3, 17), [0, 16]));

test("the pointer's cell, kept inside the grid", () => {
  assert.equal(cellAt(51, 100, 56), 28);
  assert.equal(cellAt(-1, 100, 56), 0);
  assert.equal(cellAt(100, 100, 56), 55);
});
