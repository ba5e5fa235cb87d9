// The presenter's clock.

import assert from "node:assert/strict";
import { test } from "node:test";

import { elapsed } from "../../../viz/lectures/assets/clock.js";

test("elapsed time in minutes and seconds", () => {
  assert.deepEqual([0, 999, 61_000, 3_605_000].map(elapsed), ["0:00", "0:00", "1:01", "60:05"]);
});
