// Pan and zoom: what must stay in place stays, and a picture opens where it can be read.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Camera, beginning, clearOfButtons, intoSight } from "../../../viz/graph/assets/camera.js";

globalThis.ResizeObserver = class {
  observe() {}
};

function camera({ width = 900, height = 600, size = [400, 2000], start = [200, 30] } = {}) {
  const viewer = { clientWidth: width, clientHeight: height };
  const stage = { clientWidth: width, clientHeight: height, parentElement: viewer, querySelector: () => null };
  const sheet = { style: {}, classList: { toggle() {} } };
  const made = new Camera(stage, sheet);
  return Object.assign(made, { size, start, viewer });
}

const near = (found, wanted) => found.forEach((v, i) => assert.ok(Math.abs(v - wanted[i]) < 1e-9, `${found} is not ${wanted}`));

test("a point under the pointer stays there while zooming", () => {
  const view = camera();
  view.home();
  const pointer = [137, 451];
  const point = [(pointer[0] - view.x) / view.k, (pointer[1] - view.y) / view.k];
  for (const factor of [1.25, 3, 0.01, 0.8]) {
    view.zoom(factor, pointer);
    near(view.onStage(point), pointer);
  }
});

test("the scale has bounds", () => {
  const view = camera();
  view.zoom(1e6);
  assert.equal(view.k, 4);
  view.zoom(1e-9);
  assert.equal(view.k, 0.03);
});

test("fit shows the whole picture, centred", () => {
  const view = camera();
  view.fit();
  near([view.k], [600 / 2000]);
  near(view.onStage([200, 1000]), [450, 300]);
});

test("a long picture opens at its start, readable", () => {
  const view = camera();
  view.home();
  assert.equal(view.k, 1);
  assert.equal(view.y, 0);
  near(view.onStage([200, 0]), [450, 0]);
  assert.equal(view.moved, false);
});

test("a wide picture that runs to the right opens at its left edge", () => {
  const view = camera({ size: [5000, 300] });
  view.sideways = true;
  view.home();
  assert.equal(view.x, 0);
  assert.ok(view.k >= 0.7);
});

test("a figure opens whole, however small", () => {
  const view = camera({ size: [400, 9000] });
  view.figure = true;
  view.home();
  near([view.k], [600 / 9000]);
});

test("after a new layout the held point has not moved on the screen", () => {
  const view = camera();
  view.zoom(0.6, [100, 100]);
  const place = view.onStage([120, 340]);
  view.hold([120, 340], [150, 900]);
  near(view.onStage([150, 900]), place);
  const before = [view.x, view.y];
  view.hold(undefined, [1, 1]);
  near([view.x, view.y], before);
});

test("a box is brought into sight by the least movement, and one in sight moves nothing", () => {
  const view = camera();
  let moves = 0;
  view.moves = () => (moves += 1);
  view.show({ x: 100, y: 100, width: 50, height: 50 });
  assert.equal(moves, 0);
  view.show({ x: 100, y: 1500, width: 50, height: 50 });
  near([view.x, view.y], [0, 600 - 30 - 1550]);
  view.show(undefined);
  assert.equal(moves, 1);
});

test("movements are announced, and applied at once without a transition", () => {
  const view = camera();
  let moves = 0;
  view.moves = () => (moves += 1);
  view.pan(3, 4);
  view.fit();
  assert.equal(moves, 2);
  assert.equal(view.sheet.style.transform, `translate(${view.x}px, ${view.y}px) scale(${view.k})`);
  assert.ok(!view.sheet.style.transition);
});

test("a viewer of another width is placed anew until the user moves it; the card moves nothing", () => {
  const view = camera();
  let narrowed = 0;
  view.narrowed = () => (narrowed += 1);
  view.resized();
  assert.equal(narrowed, 0);
  const opened = view.x;
  view.stage.clientWidth -= 280; // the card came
  view.resized();
  assert.equal(narrowed, 1);
  assert.equal(view.x, opened);
  view.viewer.clientWidth = 700;
  view.resized();
  assert.notEqual(view.x, opened);
  view.pan(5, 5);
  const moved = view.x;
  view.viewer.clientWidth = 500;
  view.resized();
  assert.equal(view.x, moved);
});

test("where a picture begins along an axis", () => {
  assert.equal(beginning(100, 40, 0), 30);
  assert.equal(beginning(100, 400, 10), 0);
  assert.equal(beginning(100, 400, 200), -150);
  assert.equal(beginning(100, 400, 399), -300);
});

test("how far a box lies outside of what is seen", () => {
  assert.equal(intoSight(40, 20, 100), 0);
  assert.equal(intoSight(-5, 20, 100), 35);
  assert.equal(intoSight(80, 20, 100), -30);
});

test("a picture shown whole stays clear of the zoom buttons, and is centred where they are not in its way", () => {
  assert.equal(clearOfButtons(900, 700, 60), 900);
  assert.equal(clearOfButtons(900, 890, 60), 840);
  const made = camera({ width: 900, height: 600, size: [1800, 300] });
  made.figure = true;
  made.buttons = () => 60;
  made.home();
  assert.ok(made.x + made.k * 1800 <= 840);
});
