// Neighbours of a box, for the arrow keys.

import assert from "node:assert/strict";
import { test } from "node:test";

import { boxOf, centreOf, distance, liesTowards, nearest } from "../../../viz/graph/assets/geometry.js";

test("a box is read from the picture's own data", () => {
  assert.deepEqual(boxOf({ dataset: { box: "1.5 -2 30 40" } }), { x: 1.5, y: -2, width: 30, height: 40 });
  assert.equal(boxOf(undefined), undefined);
  assert.equal(boxOf({ dataset: {} }), undefined);
  assert.deepEqual(centreOf({ x: 1, y: 2, width: 10, height: 20 }), [6, 12]);
  assert.equal(distance([0, 0], [3, 4]), 5);
});

test("a box lies to the right if it is more to the right than above or below", () => {
  assert.ok(liesTowards([0, 0], [10, 9], [1, 0]));
  assert.ok(liesTowards([0, 0], [10, -9], [1, 0]));
  assert.ok(!liesTowards([0, 0], [10, 11], [1, 0]));
  assert.ok(!liesTowards([0, 0], [-10, 0], [1, 0]));
  assert.ok(!liesTowards([0, 0], [3, 0], [1, 0]));
  assert.ok(liesTowards([0, 0], [2, -30], [0, -1]));
});

test("the nearest of several, and none of none", () => {
  const points = new Map([["far", [90, 0]], ["near", [0, 20]], ["middle", [-40, 0]]]);
  assert.equal(nearest([0, 0], points), "near");
  assert.equal(nearest([0, 0], new Map()), undefined);
});
