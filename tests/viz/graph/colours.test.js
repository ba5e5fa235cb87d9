// The overlay's scale.

import assert from "node:assert/strict";
import { test } from "node:test";

import { luminance, rampAt, scalePosition } from "../../../viz/graph/assets/colours.js";
import { isDark, rgbOf } from "../../../viz/kit/assets/dom.js";

const STOPS = ["#000000", "#64c832", "#ffffff"];

test("the ramp passes through its stops and is linear between them", () => {
  assert.deepEqual(rampAt(STOPS, 0), [0, 0, 0]);
  assert.deepEqual(rampAt(STOPS, 0.25), [50, 100, 25]);
  assert.deepEqual(rampAt(STOPS, 0.5), [100, 200, 50]);
  assert.deepEqual(rampAt(STOPS, 1), [255, 255, 255]);
});

test("shares beyond the scale take its ends", () => {
  assert.deepEqual(rampAt(STOPS, -3), [0, 0, 0]);
  assert.deepEqual(rampAt(STOPS, 1.4), [255, 255, 255]);
});

test("a quarter of the maximum is at half of the scale", () => {
  assert.equal(scalePosition(25, 100), 0.5);
  assert.equal(scalePosition(100, 100), 1);
  assert.equal(scalePosition(-4, 100), 0);
  assert.equal(scalePosition(4, 0), 0);
});

test("luminance as WCAG 2 gives it", () => {
  assert.equal(luminance([0, 0, 0]), 0);
  assert.ok(Math.abs(luminance([255, 255, 255]) - 1) < 1e-12);
  assert.ok(Math.abs(luminance([255, 0, 0]) - 0.2126) < 1e-12);
});

test("colours are read in both notations", () => {
  assert.deepEqual(rgbOf("#0b63b0"), [11, 99, 176]);
  assert.deepEqual(rgbOf("rgb(11, 99, 176)"), [11, 99, 176]);
  assert.ok(isDark("#14171c"));
  assert.ok(!isDark("rgb(252, 252, 250)"));
});
