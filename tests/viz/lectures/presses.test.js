// Keys of a lecture on their way to the server.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Presses } from "../../../viz/lectures/assets/presses.js";

/** @param {string[]} actions */
const pressed = (...actions) => {
  const presses = new Presses();
  for (const action of actions) presses.press(action);
  return presses;
};

test("a message holds every key that the server has not heard, in their order", () => {
  const presses = pressed("next");
  assert.equal(presses.message(), "1:next");
  presses.press("next");
  presses.press("previous");
  assert.equal(presses.message(), "3:next next previous");
  presses.heard(1);
  presses.press("last");
  assert.equal(presses.message(), "4:next previous last");
});

test("what was told is not told again", () => {
  const presses = pressed("next");
  assert.equal(presses.message(), "1:next");
  assert.equal(presses.message(), "");
});

test("numbers go on from those that the server has heard of", () => {
  const presses = new Presses();
  presses.heard(7);
  assert.equal(presses.message(), "");
  presses.press("next");
  assert.equal(presses.message(), "8:next");
});

test("a server that starts again hears only what it was not told", () => {
  const presses = pressed("next", "next");
  presses.message();
  presses.heard(2);
  presses.heard(0); // a new session
  presses.press("previous");
  assert.equal(presses.message(), "3:previous");
});

test("what was pressed on the way to another page is forgotten", () => {
  const presses = pressed("next");
  presses.message();
  presses.press("last");
  presses.forget();
  assert.equal(presses.message(), "");
  presses.press("previous");
  assert.equal(presses.message(), "2:next previous");
});

test("a message has an end", () => {
  const presses = new Presses();
  for (let k = 0; k < 500; k++) presses.press("next");
  assert.equal(presses.message().split(" ").length, 50);
});
