// Clicks, double clicks and drags: nothing that the user pressed on is lost.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Press, doubleClick, targetOf, wheelFactor } from "../../../viz/graph/assets/pointer.js";

// An element of the picture: `classes` from the inside out, each with the data of its element.
function picture(...chain) {
  const elements = chain.map(([classes, dataset = {}]) => ({ classes: classes.split(" "), dataset }));
  const matches = (element, selector) => (selector === "[data-id]" ? "id" in element.dataset : selector.split(", ").some((s) => element.classes.includes(s.slice(1))));
  return { isConnected: true, classList: { contains: (name) => elements[0].classes.includes(name) }, closest: (selector) => elements.find((element) => matches(element, selector)) ?? null };
}

const BADGE = picture(["badge-room"], ["node", { id: "stages.1" }]);
const BOX = picture(["body"], ["node", { id: "stages.1" }]);
const FRAME = picture(["frame"], ["frame repeat", { id: "stages.0" }]);
const EDGE = picture(["line"], ["edge", { from: "stem", ref: "3.0" }]);
const GROUND = picture(["stage"]);

function viewer() {
  const said = [];
  const note = (name) => (...values) => said.push([name, ...values]);
  const stage = { getBoundingClientRect: () => ({ left: 10, top: 20 }), setPointerCapture() {}, classList: { add() {}, remove() {} } };
  const camera = { pan: note("pan"), zoom: note("zoom") };
  return { said, stage, camera, root: { focus() {} }, toggle: note("toggle"), select: note("select") };
}

const event = (target, x = 50, y = 60, more = {}) => ({ target, clientX: x, clientY: y, button: 0, pointerId: 1, ...more });

test("every part of the picture is known", () => {
  assert.deepEqual(targetOf(BADGE), { part: "badge", id: "stages.1", ref: null });
  assert.deepEqual(targetOf(BOX), { part: "box", id: "stages.1", ref: null });
  assert.deepEqual(targetOf(FRAME), { part: "frame", id: "stages.0", ref: null });
  assert.deepEqual(targetOf(EDGE), { part: "edge", id: "stem", ref: "3.0" });
  assert.deepEqual(targetOf(GROUND), { part: "ground", id: null, ref: null });
});

test("a click on each part", () => {
  for (const [target, act] of [[BADGE, ["toggle", "stages.1"]], [BOX, ["select", "stages.1", null]], [EDGE, ["select", "stem", "3.0"]], [FRAME, ["select", null]], [GROUND, ["select", null]]]) {
    const shown = viewer();
    const press = new Press(shown);
    press.down(event(target));
    press.up(event(target));
    press.click(event(target));
    assert.deepEqual(shown.said, [act]);
  }
});

test("a click means what was pressed, also where another element is under the pointer at its release", () => {
  const shown = viewer();
  const press = new Press(shown);
  press.down(event(BADGE));
  press.up(event(GROUND, 50, 60, { type: "pointerup" }));
  press.click(event(GROUND)); // the browser names the nearest element that both share
  assert.deepEqual(shown.said, [["toggle", "stages.1"]]);
});

for (const clicks of [0, 1]) {
  test(`a press is answered once where the picture was redrawn before its release and the browser sends ${clicks} clicks`, () => {
    const shown = viewer();
    const press = new Press(shown);
    press.down(event({ ...BADGE, isConnected: false }));
    press.up(event(GROUND, 50, 60, { type: "pointerup" }));
    for (let i = 0; i < clicks; i++) press.click(event(GROUND));
    assert.deepEqual(shown.said, [["toggle", "stages.1"]]);
    press.down(event(BOX));
    press.up(event(BOX, 50, 60, { type: "pointerup" }));
    press.click(event(BOX));
    assert.deepEqual(shown.said.at(-1), ["select", "stages.1", null]);
  });
}

test("a press that the browser cancels is no click", () => {
  const shown = viewer();
  const press = new Press(shown);
  press.down(event({ ...BADGE, isConnected: false }));
  press.up(event(GROUND, 50, 60, { type: "pointercancel" }));
  assert.deepEqual(shown.said, []);
});

test("a press is used once, and a click without one counts where it is", () => {
  const shown = viewer();
  const press = new Press(shown);
  press.down(event(BADGE));
  press.click(event(BADGE));
  press.click(event(EDGE));
  assert.deepEqual(shown.said, [["toggle", "stages.1"], ["select", "stem", "3.0"]]);
});

test("a pointer that travelled has dragged the picture and not clicked", () => {
  const shown = viewer();
  const press = new Press(shown);
  press.down(event(BOX));
  press.move(event(BOX, 52, 61));
  press.move(event(BOX, 80, 90));
  press.up(event(BOX));
  press.click(event(BOX));
  assert.deepEqual(shown.said, [["pan", 28, 29]]);
});

test("two fingers zoom about the one that moved", () => {
  const shown = viewer();
  const press = new Press(shown);
  press.down(event(BOX, 10, 20));
  press.down(event(BOX, 110, 20, { pointerId: 2 }));
  press.move(event(BOX, 210, 20, { pointerId: 2 }));
  assert.deepEqual(shown.said, [["zoom", 2, [200, 0]]]);
});

test("other buttons and the zoom's own buttons are none of the picture's clicks", () => {
  const shown = viewer();
  const press = new Press(shown);
  press.down(event(BOX, 50, 60, { button: 2 }));
  assert.equal(press.fingers.size, 0);
  press.click(event(picture(["zoom"])));
  assert.deepEqual(shown.said, []);
});

test("a double click opens a box and closes a frame; a badge has answered both clicks already", () => {
  for (const [target, wanted] of [[BOX, [["toggle", "stages.1"]]], [FRAME, [["toggle", "stages.0"]]], [BADGE, []], [GROUND, []], [EDGE, []]]) {
    const shown = viewer();
    doubleClick(shown, targetOf(target));
    assert.deepEqual(shown.said, wanted);
  }
});

test("the wheel's steps are bounded, and up and down undo each other", () => {
  assert.equal(wheelFactor(1000, false), wheelFactor(60, false));
  assert.ok(Math.abs(wheelFactor(30, false) * wheelFactor(-30, false) - 1) < 1e-12);
  assert.ok(wheelFactor(-10, true) > wheelFactor(-10, false));
});
