// Formulas on the card.

import assert from "node:assert/strict";
import { test } from "node:test";

import { subscripts } from "../../../viz/graph/assets/card.js";

test("subscripts are told apart", () => {
  assert.deepEqual(subscripts("Parameters = C_mid·(C_in + 2)"), ["Parameters = C", "_mid", "·(C", "_in", " + 2)"]);
  assert.deepEqual(subscripts("k² · H"), ["k² · H"]);
});
