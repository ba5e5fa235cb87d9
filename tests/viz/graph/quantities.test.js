// Numbers with units.

import assert from "node:assert/strict";
import { test } from "node:test";

import { quantity } from "../../../viz/graph/assets/quantities.js";

for (const [value, unit, text] of [
  [8_393_728, "", "8.39 M"], [0, "", "0"], [999, "", "999"], [1000, "", "1.00 k"], [999_700, "", "1000 k"],
  [1024, "B", "1.00 KiB"], [580 * 1024 ** 2, "B", "580 MiB"], [17, "B", "17 B"], [1023 * 1024, "B", "1023 KiB"],
  [0.0025, "s", "2.50 ms"], [3.2e-6, "s", "3.20 µs"], [75, "s", "75.0 s"], [11, "px", "11 px"], [34.56789, "FLOP/B", "34.57 FLOP/B"],
  [null, "B", "–"], [undefined, "", "–"],
]) {
  test(`${value} in ${unit || "counts"} is ${text}`, () => assert.equal(quantity(value, unit), text));
}
