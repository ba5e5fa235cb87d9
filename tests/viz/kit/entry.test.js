import assert from "node:assert/strict";
import { test } from "node:test";

import { entryUrl, forgotten } from "../../../viz/kit/assets/entry.js";

test("an entry gets the parameters of its own page only", () => {
  assert.equal(entryUrl("/explore", "?v=net%3Dvgg11", "explore", "net=vgg11"), "/explore?net=vgg11");
  assert.equal(entryUrl("/compare", "", "explore", "net=vgg11"), null);
  assert.equal(entryUrl("/", "", "explore", "net=vgg11"), null);
});

test("the app's first page stands at its root, below a base path too", () => {
  assert.equal(entryUrl("/", "", "", "family=resnet"), "/?family=resnet");
  assert.equal(entryUrl("/app/", "?family=vgg", "", ""), "/app/");
  assert.equal(entryUrl("/app/space", "?x=1", "space", ""), "/app/space");
});

test("an embedded page stays embedded", () => {
  assert.equal(entryUrl("/explore", "?embed=true&net=a&embed_options=dark_theme", "explore", "net=b"), "/explore?net=b&embed=true&embed_options=dark_theme");
  assert.equal(entryUrl("/explore", "?embed=true", "explore", ""), "/explore?embed=true");
});

test("what a tab kept is told where the session does not know it", () => {
  const text = JSON.stringify({ "pages/explore.py": "net=a", "pages/space.py": "max.macs=3", odd: 7 });
  assert.deepEqual(forgotten(text, { "pages/explore.py": "net=b" }), { "pages/space.py": "max.macs=3" });
});

test("a tab that kept nothing, or nothing of ours, tells nothing", () => {
  for (const text of [null, "", "{", "null", "3", '"a"']) assert.deepEqual(forgotten(text, {}), {});
});
