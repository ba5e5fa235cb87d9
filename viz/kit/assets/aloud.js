// What a screen reader says where the page shows LaTeX: words for formulas, plain letters in the names of widgets. Formulas and code that scroll can be scrolled by keyboard.
//
// Streamlit and KaTeX write the elements, and write them anew as they like; here they only get attributes, again after each change of the page.

import { mathWords, plainLabel } from "./speech.js";

/** @type {Map<HTMLElement, { letters: Record<string, string>, phrases: Record<string, string> }>} */
const given = new Map(); // by the component's place, of which a page has two
/** @type {WeakMap<Element, string>} */
const done = new WeakMap();
let version = 0;
let waiting = false;

const changes = new MutationObserver(() => later());

function later() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    for (const formula of document.querySelectorAll(".katex")) say(formula);
    for (const code of document.querySelectorAll("[data-testid=stCode] pre")) reach(code);
    for (const named of document.querySelectorAll('[aria-label*="$"]')) named.setAttribute("aria-label", plainLabel(named.getAttribute("aria-label") ?? ""));
  });
}

/** @param {Element} formula */
function say(formula) {
  const source = formula.querySelector("annotation")?.textContent ?? "";
  const math = formula.querySelector("math");
  const state = `${version} ${source}`;
  if (!math || done.get(formula) === state) return;
  done.set(formula, state);
  const all = [...given.values()];
  const phrases = Object.assign({}, ...all.map((one) => one.phrases));
  const letters = Object.assign({}, ...all.map((one) => one.letters));
  formula.setAttribute("role", "math");
  formula.setAttribute("aria-label", formula.closest("[data-testid=stWidgetLabel]") ? plainLabel(`$${source}$`) : mathWords(math, { letters, phrases }));
  formula.querySelector(".katex-mathml")?.setAttribute("aria-hidden", "true");
  const place = formula.closest(".katex-display, p");
  if (place) reach(place);
}

/**
 * Let the keyboard reach what scrolls, and nothing else.
 * @param {Element} place
 */
function reach(place) {
  const { overflowX, overflowY } = getComputedStyle(place);
  const scrolls = (place.scrollWidth > place.clientWidth && overflowX === "auto") || (place.scrollHeight > place.clientHeight && overflowY === "auto");
  if (scrolls) place.setAttribute("tabindex", "0");
  else place.removeAttribute("tabindex");
}

function again() {
  version += 1;
  later();
}

/** @param {{ data: { letters: Record<string, string>, phrases: Record<string, string> }, parentElement: HTMLElement }} component */
export default function ({ data, parentElement }) {
  if (given.size === 0) {
    changes.observe(document.body, { subtree: true, childList: true, characterData: true, attributeFilter: ["aria-label"] });
    window.addEventListener("resize", again);
  }
  given.set(parentElement, data);
  again();
  return () => {
    given.delete(parentElement);
    again();
    if (given.size > 0) return;
    changes.disconnect();
    window.removeEventListener("resize", again);
  };
}
