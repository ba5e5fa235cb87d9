// The overlay's maximum.

import assert from "node:assert/strict";
import { test } from "node:test";

import { largest } from "../../../viz/graph/assets/overlay.js";

const items = { a: { m: { macs: 7 } }, b: { m: { macs: 31 } }, hidden: { m: { macs: 900 } }, plain: { m: {} } };

test("the scale ends at the largest visible item", () => assert.equal(largest({ items, scale: {} }, "macs", ["a", "b", "plain"]), 31));

test("graphs that share a scale end at the page's maximum", () => assert.equal(largest({ items, scale: { macs: 500 } }, "macs", ["a"]), 500));

test("an overlay that no item has ends at zero", () => assert.equal(largest({ items, scale: {} }, "time", ["a", "b"]), 0));
