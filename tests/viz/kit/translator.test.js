import assert from "node:assert/strict";
import { test } from "node:test";

import { inverse, translator } from "../../../viz/kit/assets/translator.js";

const WORDS = { Search: "搜索", "{size} per file": "每个文件 {size}", "File must be {size} or smaller.": "文件不能大于 {size}。", "Help for {label}": "{label}的说明" };

test("a sentence is said in the other language, what is filled in stays", () => {
  const translated = translator(WORDS);
  assert.equal(translated("Search"), "搜索");
  assert.equal(translated("200MB per file"), "每个文件 200MB");
  assert.equal(translated("File must be 200.0MB or smaller."), "文件不能大于 200.0MB。");
  assert.equal(translated("Help for r ($2+1)"), "r ($2+1)的说明");
});

test("what is not among them stays, a part of a text too", () => {
  const translated = translator(WORDS);
  for (const text of ["Search by name", "search", "", "constructor", "per file"]) assert.equal(translated(text), text);
});

test("the way back", () => {
  const back = translator(inverse(WORDS));
  for (const text of ["Search", "200MB per file", "Help for width"]) assert.equal(back(translator(WORDS)(text)), text);
});
