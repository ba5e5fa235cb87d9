// Streamlit's own words in the language of the page: Streamlit writes them in English, and anew as it likes; here each is replaced where it appears.

import { inverse, translator } from "./translator.js";

const ATTRIBUTES = ["aria-label", "title", "placeholder"];
//: What is the user's or the page's own text, and drawings.
const LEFT = "script, style, pre, code, svg, canvas, .katex, [translate=no], [data-testid=stMarkdownContainer] a";

/** @type {Record<string, string>} */
let spoken = {};
/** @type {(text: string) => string} */
let translated = (text) => text;
let mounted = 0;

/** @param {Text} node */
function say(node) {
  const now = translated(node.data);
  if (now !== node.data && !node.parentElement?.closest(LEFT)) node.data = now;
}

/** @param {Element} element */
function name(element) {
  for (const attribute of ATTRIBUTES) {
    const text = element.getAttribute(attribute);
    if (text === null) continue;
    const now = translated(text);
    if (now !== text) element.setAttribute(attribute, now);
  }
}

/** @param {Node} root */
function walk(root) {
  if (root instanceof Text) say(root);
  if (!(root instanceof Element)) return;
  name(root);
  const nodes = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
    if (node instanceof Text) say(node);
    else name(/** @type {Element} */ (node));
  }
}

const changes = new MutationObserver((records) => {
  for (const record of records) {
    if (record.type === "childList") record.addedNodes.forEach(walk);
    else if (record.type === "attributes") name(/** @type {Element} */ (record.target));
    else say(/** @type {Text} */ (record.target));
  }
});

/** @param {Record<string, string>} words */
function speak(words) {
  if (JSON.stringify(words) === JSON.stringify(spoken)) return;
  changes.disconnect();
  for (const dictionary of [inverse(spoken), words]) {
    translated = translator(dictionary);
    walk(document.body);
  }
  spoken = words;
  if (Object.keys(words).length > 0) changes.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES });
}

/** @param {{ data: { words: Record<string, string> } }} component */
export default function ({ data }) {
  mounted += 1;
  speak(data.words);
  return () => {
    mounted -= 1;
    setTimeout(() => mounted || speak({}), 1000); // another page mounts its own at once
  };
}
