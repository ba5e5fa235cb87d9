import assert from "node:assert/strict";
import { test } from "node:test";

import { freeSpot, inside, meet, spotsAround } from "../../../viz/kit/assets/spots.js";

const POINT = { x: 100, y: 50 };
const SIZE = { width: 40, height: 12 };
const ROOM = { x: 0, y: 0, width: 200, height: 100 };

const around = spotsAround(POINT, SIZE, 8);

test("the spots around a point keep off it and off their opposites", () => {
  assert.equal(around.length, 8);
  for (const spot of around) assert.ok(!meet(spot, { ...POINT, width: 0, height: 0 }, 4));
  const [above, right, left, below] = around;
  assert.deepEqual(above, { x: 80, y: 30, width: 40, height: 12 });
  assert.deepEqual(below, { x: 80, y: 58, width: 40, height: 12 });
  assert.deepEqual([right.x, left.x + left.width], [108, 92]);
});

test("the first spot is taken where all are free", () => {
  assert.equal(freeSpot(around, ROOM, [], []), around[0]);
});

test("a spot that meets another text or leaves the plot is not taken", () => {
  const other = { x: 90, y: 20, width: 20, height: 21 };
  assert.equal(freeSpot(around, ROOM, [other], []), around[1]);
  assert.equal(freeSpot(around, { ...ROOM, width: 130 }, [other], []), around[2]);
  assert.ok(!inside(around[1], { ...ROOM, width: 130 }));
});

test("of free spots the one that covers the fewest marks is taken", () => {
  const marks = around.slice(0, 3).map(({ x, y }) => ({ x: x + 1, y: y + 1, width: 2, height: 2 }));
  assert.equal(freeSpot(around, ROOM, [], marks), around[3]);
});

test("a name without a free spot has none", () => {
  assert.equal(freeSpot(around, ROOM, [{ x: 60, y: 30, width: 80, height: 40 }], []), null);
  assert.equal(freeSpot(around, { x: 90, y: 45, width: 20, height: 10 }, [], []), null);
});
