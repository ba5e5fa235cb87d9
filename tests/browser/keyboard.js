// What the keyboard reaches on a page, and whether one sees it. `watchFocus()` once, then Tab many times, then `unreached()` and `unseen()`.

/** Everything that takes part in the page, inside components too. */
function everything(root = document) {
  const found = [...root.querySelectorAll("*")];
  return found.flatMap((element) => (element.shadowRoot ? [element, ...everything(element.shadowRoot)] : [element]));
}

const called = (element) => `${element.localName} ${element.getAttribute("aria-label") ?? element.getAttribute("data-testid") ?? ""} ${element.textContent.trim().slice(0, 40)}`;

/** Whether Tab has to reach `element`: it can be used, is shown, and is no further choice of a group that the arrow keys go through. */
function wanted(element) {
  if (!element.matches("a[href], button, input, select, textarea, summary, [tabindex]") || element.tabIndex < 0 || element.disabled) return false;
  if (element.type === "radio" && !element.checked) return false;
  if (element.closest("[aria-hidden=true], [inert]")) return false;
  const field = element.type === "checkbox" || element.type === "radio" || element.type === "file"; // drawn by what stands around them
  return field ? element.closest("label")?.checkVisibility() ?? false : element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().width > 0;
}

/** Whether a ring is seen on `element` or, for fields that Streamlit draws around, up to three elements above. A table draws it on its canvas. */
function ringed(element) {
  if (element.closest("canvas, [data-testid=stDataFrame]")) return true;
  for (let at = element, up = 0; at && up < 4; at = at.parentElement, up++) {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at);
    if ((outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) || / 0px 0px 0px [2-9]/.test(boxShadow)) return true;
  }
  return false;
}

function watchFocus() {
  window.met = new Set();
  window.dim = new Set();
  window.turns = 0;
  let first = null;
  // A component hears of its own turns of the focus alone.
  const places = [document, ...everything().flatMap((element) => element.shadowRoot ?? [])];
  const seen = (event) => {
    const element = event.composedPath()[0];
    first ??= element;
    if (element === first && event.currentTarget === document) window.turns += 1;
    window.met.add(element);
    if (element.tabIndex >= 0 && !ringed(element)) window.dim.add(element);
  };
  for (const place of places) place.addEventListener("focusin", seen);
}

/** Of a group that the arrow keys go through, Tab reaches one. */
const reached = (element) => window.met.has(element) || [...(element.closest("[role=radiogroup], [role=toolbar]")?.children ?? [])].some((other) => window.met.has(other));
const unreached = () => everything().filter((element) => wanted(element) && !reached(element)).map(called);
const unseen = () => [...window.dim].map(called);
Object.assign(window, { watchFocus, unreached, unseen });
