// Maps as pixels, and where a click on them falls.

import assert from "node:assert/strict";
import { test } from "node:test";

import { bytesOf, rampColour } from "../../../viz/inside/assets/colours.js";
import { fieldBox, outlinePath } from "../../../viz/inside/assets/picture.js";
import { marked, moved, placeAt } from "../../../viz/inside/assets/places.js";
import { litFor } from "../../../viz/inside/assets/strip.js";

const light = (/** @type {number} */ level) => rampColour(level).reduce((sum, part, i) => sum + part * [0.299, 0.587, 0.114][i], 0);

test("the ramp gets lighter all the way, and stays at its ends", () => {
  for (let level = 0; level < 1; level += 0.05) assert.ok(light(level + 0.05) > light(level), String(level));
  assert.deepEqual(rampColour(-1), rampColour(0));
  assert.deepEqual(rampColour(2), rampColour(1));
});

test("bytes come out of base64 as they went in", () => {
  assert.deepEqual([...bytesOf({ height: 1, width: 3, pixels: "AID/", low: 0, high: 1 })], [0, 128, 255]);
});

test("a point of the large map is a row and a column, at the edges too", () => {
  const box = { width: 300, height: 280 };
  assert.deepEqual(placeAt(0, 0, box, [7, 5]), [0, 0]);
  assert.deepEqual(placeAt(299.9, 279.9, box, [7, 5]), [6, 4]);
  assert.deepEqual(placeAt(300, 280, box, [7, 5]), [6, 4]);
  assert.deepEqual(placeAt(61, 41, box, [7, 5]), [1, 1]);
});

test("arrow keys stop at the edges", () => {
  assert.deepEqual(moved([0, 3], [-1, 0], [7, 5]), [0, 3]);
  assert.deepEqual(moved([0, 3], [0, 1], [7, 5]), [0, 4]);
  assert.deepEqual(moved([6, 4], [1, 0], [7, 5]), [6, 4]);
});

test("the field lies where its rows and columns are", () => {
  assert.deepEqual(fieldBox([10, 19, 0, 49], [100, 200]), { left: 0, top: 10, width: 25, height: 10 });
});

test("an outline goes round the cells that belong, holes and all", () => {
  const edges = (/** @type {string} */ path) => path.split("M").filter(Boolean).sort();
  assert.deepEqual(edges(outlinePath({ cells: ["1"], rows: [4, 7], columns: [10, 12] })), ["10 4H12", "10 4V7", "10 7H12", "12 4V7"]);
  assert.equal(edges(outlinePath({ cells: ["111", "101", "111"], rows: [0, 1, 2, 3], columns: [0, 1, 2, 3] })).length, 12 + 4);
  assert.equal(outlinePath({ cells: ["00"], rows: [0, 1], columns: [0, 1, 2] }), "");
});

test("the data flow through any network in about four seconds", () => {
  assert.equal(litFor(10), 160);
  assert.equal(litFor(400) * 400, 4000);
});

test("an older answer does not move the mark back", () => {
  assert.deepEqual(marked([4, 4], [4, 5]), [4, 5]);
  assert.deepEqual(marked([4, 5], [4, 5]), [4, 5]);
  assert.deepEqual(marked([4, 4], null), [4, 4]);
  assert.equal(marked(null, null), null);
});
