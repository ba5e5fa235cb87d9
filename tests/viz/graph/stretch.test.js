// Room for opened modules.

import assert from "node:assert/strict";
import { test } from "node:test";

import { arrowBase, stretched } from "../../../viz/graph/assets/stretch.js";

test("nothing opened, nothing moves", () => assert.equal(stretched([])(123), 123));

test("what lies beyond an opened module moves on by what it grew, what lies before stays", () => {
  const map = stretched([[100, 50, 80]]);
  assert.deepEqual([0, 100, 125, 150, 400].map(map), [0, 100, 140, 180, 430]);
});

test("a module whose inside is smaller than its box takes no room away", () => assert.equal(stretched([[100, 50, 30]])(400), 400));

test("side by side modules grow once, by the largest", () => {
  const map = stretched([[100, 50, 80], [100, 50, 200]]);
  assert.equal(map(150), 300);
});

test("the map rises everywhere, so that nothing changes order", () => {
  const map = stretched([[10, 30, 90], [25, 40, 60], [200, 10, 500]]);
  const places = Array.from({ length: 300 }, (_, i) => map(i));
  assert.ok(places.every((v, i) => i === 0 || v >= places[i - 1] + 1 - 1e-9));
});

test("an arrow's head keeps its length", () => {
  assert.deepEqual(arrowBase([50, 90], [50, 81], [10, 20], [10, 11]), [50, 81]);
  assert.deepEqual(arrowBase([50, 90], [50, 90], [10, 20], [10, 11]), [50, 81]); // both ends fell on one point
  assert.deepEqual(arrowBase([50, 90], [70, 60], [10, 20], [10, 11]), [50, 81]); // they moved apart
});
