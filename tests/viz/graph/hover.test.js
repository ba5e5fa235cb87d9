// What a box is, in one line.

import assert from "node:assert/strict";
import { test } from "node:test";

import { hoverLine } from "../../../viz/graph/assets/hover.js";

const item = (more) => ({ t: "Bottleneck ×4", path: "stages.1", shape: "512×28×28", k: "module", opens: true, m: { params: 1219584, macs: 1.02e9 }, ...more });

test("kind, path, shape, parameters, MACs", () => {
  assert.equal(hoverLine(item(), (text) => text), "Bottleneck ×4 · stages.1 · 512×28×28 · 1.22 M parameters · 1.02 G MACs");
});

test("what there is none of is left out, and words are translated", () => {
  assert.equal(hoverLine(item({ path: "", m: { params: 0 } }), (text) => text), "Bottleneck ×4 · 512×28×28");
  assert.match(hoverLine(item(), (text) => (text === "parameters" ? "参数" : text)), /1\.22 M 参数/);
});
