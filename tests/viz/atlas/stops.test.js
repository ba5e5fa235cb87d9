// The tour's order and the place of its card.

import assert from "node:assert/strict";
import { test } from "node:test";

import { cardTop, moved } from "../../../viz/atlas/assets/stops.js";

test("past the last stop the tour ends, before the first it stays", () => {
  assert.equal(moved(0, 1, 4), 1);
  assert.equal(moved(3, 1, 4), null);
  assert.equal(moved(0, -1, 4), 0);
  assert.equal(moved(2, -1, 4), 1);
});

test("the card stands below, else above, else at the lower end of the window", () => {
  assert.equal(cardTop({ top: 100, bottom: 200 }, 120, 720), 214);
  assert.equal(cardTop({ top: 400, bottom: 650 }, 120, 720), 266);
  assert.equal(cardTop({ top: 60, bottom: 700 }, 120, 720), 586);
});
