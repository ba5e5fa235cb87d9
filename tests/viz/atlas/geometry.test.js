// The map's places and relations.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Measures, curve, kin, wrapped } from "../../../viz/atlas/assets/geometry.js";

const LANES = [{ idea: "stack", title: "Plain stacks", sentence: "", row: 0, rows: 2 }, { idea: "split", title: "Split", sentence: "", row: 2, rows: 1 }];
const node = (more) => ({ family: "f", title: "ResNet", x: 0.5, row: 0, lane: "stack", ideas: ["shortcut"], date: "", sentence: "", ...more });

test("bands lie below one another, as high as their rows", () => {
  const measures = new Measures({ lanes: LANES, narrowest: 700 }, 1200);
  const [first, second] = measures.bands;
  assert.ok(second.y >= first.y + first.height);
  assert.ok(Math.abs(first.height - second.height - measures.row) < 1e-9);
  assert.equal(measures.height, second.y + second.height + 3);
  assert.ok(measures.y(node({ row: 1 })) > measures.y(node({ row: 0 })));
  assert.throws(() => measures.y(node({ lane: "none" })), /lies in no lane/);
});

test("a phone gets the narrowest map, and text grows with the width within bounds", () => {
  const fonts = [300, 900, 1400, 4000].map((width) => new Measures({ lanes: LANES, narrowest: 700 }, width).font);
  assert.equal(new Measures({ lanes: LANES, narrowest: 700 }, 300).width, 760);
  assert.ok(fonts.every((font, i) => font >= 9 && font <= 17 && (i === 0 || font >= fonts[i - 1])));
});

test("no box leaves the map on its right", () => {
  const measures = new Measures({ lanes: LANES, narrowest: 700 }, 1000);
  const box = measures.box(node({ x: 1, title: "A very long name of a family" }));
  assert.ok(box.x + box.width <= measures.width);
});

test("words wrap, and a long one has a line of its own", () => {
  assert.deepEqual(wrapped("one two three", 7), ["one two", "three"]);
  assert.deepEqual(wrapped("extraordinarily long", 7), ["extraordinarily", "long"]);
});

test("a line leaves by the side where there is room, else below or above", () => {
  const from = { x: 0, y: 0, width: 100, height: 20 };
  assert.match(curve(from, { x: 300, y: 0, width: 50, height: 20 }).path, /^M100,10 C/);
  assert.match(curve(from, { x: 60, y: 90, width: 50, height: 20 }).path, /^M50,20 C/);
  assert.match(curve(from, { x: 60, y: -90, width: 50, height: 20 }).path, /^M50,0 C/);
  assert.deepEqual(curve(from, { x: 300, y: 40, width: 50, height: 20 }).end, { x: 299, y: 50 });
});

test("kin are what led to a family and what came of it, not its siblings", () => {
  const edge = (source, target, later = false) => ({ source, target, idea: "", later });
  const edges = [edge("a", "b"), edge("b", "c"), edge("a", "sibling"), edge("c", "d"), edge("d", "c"), edge("x", "b", true)];
  assert.deepEqual([...kin(edges, "b")].sort(), ["a", "b", "c", "d"]);
  assert.deepEqual([...kin(edges, "sibling")].sort(), ["a", "sibling"]);
});
