// Words of the viewer in another language.

import assert from "node:assert/strict";
import { test } from "node:test";

import { filled, translateTemplate } from "../../../viz/graph/assets/words.js";

test("values go into their places, wherever a translation puts them", () => {
  assert.equal(filled("rows {rows}, columns {columns}", { rows: "1–3", columns: 4 }), "rows 1–3, columns 4");
  assert.equal(filled("{columns}: {rows}", { rows: 1, columns: 2 }), "2: 1");
  assert.equal(filled("{unknown} stays", {}), "{unknown} stays");
});

/**
 * As much of an element as the function asks for.
 * @param {Record<string, string>} attributes
 * @param {string | null} text its text, null where that is no word
 * @param {Element[]} inside
 */
function fake(attributes, text = null, inside = []) {
  const element = {
    attributes, textContent: text,
    hasAttribute: (/** @type {string} */ name) => name in attributes,
    getAttribute: (/** @type {string} */ name) => attributes[name],
    setAttribute: (/** @type {string} */ name, /** @type {string} */ value) => (attributes[name] = value),
    matches: (/** @type {string} */ selector) => text !== null && selector.includes("button"),
    querySelectorAll: () => inside,
  };
  return /** @type {Element} */ (/** @type {unknown} */ (element));
}

test("a template is translated, and translated back when the language changes again", () => {
  const button = fake({ title: "Zoom in ( + )" }, "Stages");
  const root = fake({ "aria-label": "Network graph" }, null, [button]);
  /** @type {Record<string, string>} */
  const chinese = { "Zoom in ( + )": "放大 ( + )", Stages: "阶段", "Network graph": "网络计算图" };
  translateTemplate(root, (text) => chinese[text] ?? text);
  assert.equal(button.textContent, "阶段");
  assert.equal(button.getAttribute("title"), "放大 ( + )");
  assert.equal(root.getAttribute("aria-label"), "网络计算图");
  translateTemplate(root, (text) => text);
  assert.equal(button.textContent, "Stages");
  assert.equal(root.getAttribute("aria-label"), "Network graph");
});
