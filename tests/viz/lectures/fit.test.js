// Type that fits.

import assert from "node:assert/strict";
import { test } from "node:test";

import { formulaSize } from "../../../viz/lectures/assets/fit.js";

test("a formula wider than its column is made as wide as that, down to a size that can be read", () => {
  assert.equal(formulaSize(500, 600), "");
  assert.equal(formulaSize(1200, 600), "0.485em");
  assert.equal(formulaSize(9000, 600), "0.45em");
  assert.equal(formulaSize(500, 0), "");
});
