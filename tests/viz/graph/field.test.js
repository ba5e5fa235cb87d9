// What a position of a feature map sees of the input.

import assert from "node:assert/strict";
import { test } from "node:test";

import { cellAt, seenBy } from "../../../viz/graph/assets/field.js";

test("the stem of ResNet, 7×7 /2 and 3×3 /2 with paddings 3 and 1, sees 11 pixels from 4·i − 5 on", () => {
  const axis = [11, 4, -5, false];
  assert.deepEqual(seenBy(axis, 28, 224), [107, 117]);
  assert.deepEqual(seenBy(axis, 0, 224), [0, 5]);
  assert.deepEqual(seenBy(axis, 55, 224), [215, 223]);
});

test("an operation that mixes all positions sees the whole input", () => assert.deepEqual(seenBy([1, 1, 0, true], 3, 17), [0, 16]));

test("the pointer's cell, kept inside the grid", () => {
  assert.equal(cellAt(51, 100, 56), 28);
  assert.equal(cellAt(-1, 100, 56), 0);
  assert.equal(cellAt(100, 100, 56), 55);
});
