// SVG written by hand: numbers in tenths, names that are markup.

import assert from "node:assert/strict";
import { test } from "node:test";

import { escaped, headPath, movedPath, quoted, roundedPath, splineMiddle, splinePath } from "../../../viz/graph/assets/paths.js";

test("no name becomes markup", () => {
  assert.equal(escaped('<img src="x">&'), '&lt;img src="x"&gt;&amp;');
  assert.equal(escaped("a\u0000b\u001bc\ud83d\ude00"), "a�b�c😀");
  assert.equal(quoted('a" onload="b'), '"a&quot; onload=&quot;b"');
});

test("a path is moved, every point of it", () => {
  assert.equal(movedPath("M1.0 2.0L-3.5 4.0Z", 10, -20), "M11.0 -18.0L6.5 -16.0Z");
  assert.equal(movedPath(roundedPath(0, 0, 40, 20, 4), 0, 0).match(/C/g).length, 4);
});

test("a spline and its middle", () => {
  const points = [[0, 0], [0, 10], [20, 10], [20, 20]];
  assert.equal(splinePath(points), "M0.0 0.0C0.0 10.0 20.0 10.0 20.0 20.0");
  assert.deepEqual(splineMiddle(points), [10, 10]);
  assert.deepEqual(splineMiddle([[7, 9]]), [7, 9]);
});

test("an arrow's head points to its tip", () => {
  assert.equal(headPath([10, 0], [10, 9]), "M6.4 0.0L10.0 9.0L13.6 0.0Z");
});
