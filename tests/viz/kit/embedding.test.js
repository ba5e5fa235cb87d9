// The code that embeds a page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { embedCode } from "../../../viz/kit/assets/embedding.js";

test("the address keeps its parameters and asks for the page without bars, once", () => {
  const code = embedCode("http://lab.example/explore?net=resnet50&groups=2&embed=true", "Explore");
  assert.match(code, /^<iframe src="http:\/\/lab\.example\/explore\?net=resnet50&#38;groups=2&#38;embed=true" title="Explore" /);
});

test("nothing of an address or a title ends the attribute it stands in", () => {
  const code = embedCode('http://lab.example/?find="><script>', '"><b>');
  assert.equal(code.match(/[<>]/g).length, 4);
});
