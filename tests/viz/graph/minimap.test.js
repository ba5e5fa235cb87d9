// The map of the whole picture: where its window is, and how to get elsewhere.

import assert from "node:assert/strict";
import { test } from "node:test";

import { inWindow, isCut, towards } from "../../../viz/graph/assets/minimap.js";

const SIZE = [400, 1000];

test("the window's place in the picture, as far as there is picture", () => {
  assert.deepEqual(inWindow({ x: 0, y: -200, k: 2, size: SIZE }, [300, 500]), { x: 0, y: 100, width: 150, height: 250 });
  assert.deepEqual(inWindow({ x: 50, y: 100, k: 1, size: SIZE }, [600, 400]), { x: 0, y: 0, width: 400, height: 300 });
  assert.deepEqual(inWindow({ x: 9000, y: 0, k: 1, size: SIZE }, [600, 400]).width, 0);
});

test("there is a map only where some of the picture is outside", () => {
  assert.equal(isCut(inWindow({ x: 20, y: 10, k: 0.4, size: SIZE }, [600, 500]), SIZE, 0.4), false);
  assert.equal(isCut(inWindow({ x: 20, y: 10, k: 0.6, size: SIZE }, [600, 500]), SIZE, 0.6), true);
});

test("a point that was pressed comes to the window's centre", () => {
  const [camera, room, point] = [{ x: 30, y: -70, k: 1.5 }, [600, 400], [120, 640]];
  const [dx, dy] = towards(point, camera, room);
  assert.equal(point[0] * camera.k + camera.x + dx, 300);
  assert.equal(point[1] * camera.k + camera.y + dy, 200);
});
