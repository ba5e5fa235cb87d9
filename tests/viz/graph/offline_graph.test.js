// The answers of the file without a server: what is open, what is visible, what is found, and where things are drawn.

import assert from "node:assert/strict";
import { test } from "node:test";

import { OfflineGraph } from "../../../viz/graph/assets/offline_graph.js";

const item = (id, parent, inside, more = {}) => ({
  t: id.toUpperCase(), path: id, k: "convolution", opens: inside.length > 0, m: {}, parent, inside, role: inside.length ? "module" : "op", search: `${id} convolution`,
  card: { id }, heading: id, plate: 60, classes: "node op box", size: [100, 40], shapes: [["body", "M0.0 0.0L100.0 40.0Z"], ["title", id, 50, 20, "middle"]], ...more,
});

// in -> a -> m (holds b -> c) -> z, one below the other.
const DATA = {
  of: "net", direction: "TB", open: [], overlays: [], ramp: [[], []], kinds: {}, error: "", levels: { stage: [], operation: ["m"] },
  items: { "": item("", null, ["a", "m", "z"]), a: item("a", null, []), m: item("m", null, ["b", "c"]), "m.b": item("m.b", "m", []), "m.c": item("m.c", "m", []), z: item("z", null, []) },
  scenes: [],
  insides: {
    "": {
      size: [100, 240], boxes: { a: [0, 0, 100, 40], m: [0, 100, 100, 40], z: [0, 200, 100, 40] },
      lines: [
        { from: "a", to: "m", ref: "0.0", path: "", c: 1, text: "3×9×9", at: [50 + 7, 40 + 20], points: [[50, 40], [50, 60], [50, 80], [50, 91], [50, 100]] },
        { from: "m", to: "z", ref: "2.0", path: "residual", c: 0.5, text: "5×9×9", at: [50 + 7, 140 + 20], points: [[50, 140], [50, 160], [50, 180], [50, 191], [50, 200]] },
      ],
    },
    m: {
      size: [100, 200], boxes: { in: [50, 0, 1, 1], "m.b": [0, 30, 100, 40], "m.c": [0, 120, 100, 40], out: [50, 199, 1, 1] },
      lines: [{ from: "m.b", to: "m.c", ref: "1.0", path: "", c: 1, text: "<4>", at: [50 + 7, 70 + 20], points: [[50, 70], [50, 80], [50, 100], [50, 111], [50, 120]] }],
    },
  },
};
DATA.items.m.inside = ["m.b", "m.c"];
const graph = new OfflineGraph(DATA);
const asked = (more = {}) => ({ ...graph.opening(), ...more });
const boxes = (svg) => Object.fromEntries([...svg.matchAll(/data-id="([^"]*)" data-box="([^"]*)"/g)].map(([, id, box]) => [id, box.split(" ").map(Number)]));

test("closed, everything is where it was laid out, with a margin", () => {
  assert.deepEqual(boxes(graph.answer(asked(), 600).svg), { a: [24, 24, 100, 40], m: [24, 124, 100, 40], z: [24, 224, 100, 40] });
});

test("opening a module makes room for it: what is above stays, what is below moves down by what it grew", () => {
  const found = boxes(graph.answer(asked({ open: ["m"] }), 600).svg);
  assert.deepEqual(Object.keys(found).sort(), ["a", "m", "m.b", "m.c", "z"]);
  const [, top, width, height] = found.m;
  assert.deepEqual([width, height], [100 + 2 * 16, 200 + 44 + 16]);
  assert.equal(top, 124);
  assert.equal(found.z[1], 224 + height - 40);
  for (const id of ["m.b", "m.c"]) {
    assert.ok(found[id][0] >= found.m[0]);
    assert.ok(found[id][1] >= top + 44);
    assert.ok(found[id][1] + found[id][3] <= top + height);
  }
});

test("lines meet an open module at its frame", () => {
  const svg = graph.answer(asked({ open: ["m"] }), 600).svg;
  const { m } = boxes(svg);
  const tips = Object.fromEntries([...svg.matchAll(/data-from="([^"]*)" data-to="([^"]*)"[^>]*>.*?class="head" d="M[^L]*L([\d.]+) ([\d.]+)L/g)].map(([, from, to, x, y]) => [`${from}>${to}`, [Number(x), Number(y)]]));
  assert.deepEqual(tips["a>m"], [m[0] + m[2] / 2, m[1]]);
  assert.ok(svg.includes("k-add"));
  assert.ok(svg.includes("&lt;4&gt;"));
});

test("a level opens what belongs to it, and a found item what is around it", () => {
  assert.deepEqual(graph.answer(asked({ level: "operation" }), 600).view.open, ["m"]);
  const found = graph.answer(asked({ reveal: "m.c", selected: "m.c" }), 600);
  assert.deepEqual(found.view.open, ["m"]);
  assert.equal(found.view.selected, "m.c");
  assert.deepEqual(found.card, { id: "m.c" });
  assert.equal(found.view.reveal, null);
});

test("a selected item that is hidden shows as the module around it; an unknown one is dropped", () => {
  assert.equal(graph.answer(asked({ selected: "m.c" }), 600).view.selected, "m");
  assert.equal(graph.answer(asked({ selected: "gone" }), 600).view.selected, null);
});

test("search finds items by every word, and says where each is to be seen", () => {
  assert.deepEqual(graph.search("M.C conv", new Set()).map((hit) => [hit.id, hit.shown]), [["m.c", "m"]]);
  assert.deepEqual(graph.search("m.c", new Set(["m"])).map((hit) => hit.shown), ["m.c"]);
  assert.deepEqual(graph.search("m.c pool", new Set()), []);
  assert.deepEqual(graph.search("  ", new Set()), []);
  assert.equal(graph.search("conv", new Set()).length, 5);
});
