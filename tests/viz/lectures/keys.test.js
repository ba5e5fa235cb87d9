// Keys of a lecture.

import assert from "node:assert/strict";
import { test } from "node:test";

import { actionOf } from "../../../viz/lectures/assets/keys.js";

test("arrows turn the pages everywhere", () => {
  for (const presenting of [true, false]) assert.deepEqual(["ArrowRight", "ArrowLeft"].map((key) => actionOf(key, presenting)), ["next", "previous"]);
});

test("keys that scroll a page turn it only in a presentation", () => {
  const keys = ["PageDown", "PageUp", "Home", "End"];
  assert.deepEqual(keys.map((key) => actionOf(key, true)), ["next", "previous", "first", "last"]);
  assert.deepEqual(keys.map((key) => actionOf(key, false)), ["", "", "", ""]);
});

test("run, full screen, language, overview and the QR code", () => {
  assert.deepEqual(["r", "f", "l", "o", "q"].map((key) => actionOf(key, true)), ["run", "full", "language", "overview", "code"]);
});

test("notes, presentation, and the way out of it", () => {
  assert.equal(actionOf("n", false), "notes");
  assert.equal(actionOf("p", false), "present");
  assert.equal(actionOf("Escape", true), "leave");
  assert.equal(actionOf("Escape", false), "");
  assert.equal(actionOf("Escape", false, true), "leave");
  assert.equal(actionOf("x", true), "");
});

test("a digit opens the step of that number", () => {
  assert.equal(actionOf("5", false), "step-5");
  assert.equal(actionOf("1", true), "step-1");
  assert.equal(actionOf("0", false), "");
});
