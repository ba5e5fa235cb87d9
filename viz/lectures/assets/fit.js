// Type that fits: a presented step into the window, formulas and tables into their column.

const SMALLEST = 0.72;
const SHRINK = 0.04;

/** Shrink all type of the lecture until the step ends above the bar; outside of a presentation it keeps its size. */
export function fitStep(/** @type {boolean} */ presenting) {
  const { style } = document.documentElement;
  if (presenting) {
    let scale = 1;
    style.setProperty("--lecture-scale", String(scale));
    fitLines();
    while (overflows() && scale > SMALLEST) {
      scale -= SHRINK;
      style.setProperty("--lecture-scale", String(scale));
      fitLines();
    }
  } else {
    style.removeProperty("--lecture-scale");
    fitLines();
  }
}

/** @param {string} selector */
const inLecture = (selector) => /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`.st-key-lecture ${selector}`));

/** @param {Element | null | undefined} element */
const widthOf = (element) => element?.getBoundingClientRect().width ?? 0;

function fitLines() {
  for (const display of inLecture(".katex-display")) {
    display.style.fontSize = "";
    display.style.fontSize = formulaSize(widthOf(display.querySelector(".katex .katex-html")), widthOf(display.parentElement));
  }
  for (const table of inLecture("table")) {
    table.style.removeProperty("--narrow");
    const room = widthOf(table.parentElement);
    for (let narrow = 1; room > 0 && widthOf(table) > room + 1 && narrow > 0.6; ) {
      narrow -= SHRINK;
      table.style.setProperty("--narrow", String(narrow));
    }
  }
}

/**
 * The font size at which a formula `width` pixels wide fits into `room`; "" where it fits already.
 * @param {number} width
 * @param {number} room
 */
export const formulaSize = (width, room) => (room > 0 && width > room ? `${Math.max(0.45, (room / width) * 0.97)}em` : "");

function overflows() {
  const main = document.querySelector("[data-testid=stMain]");
  const bar = document.querySelector(".st-key-lecture-bar");
  const content = document.querySelector(".st-key-lecture");
  if (!main || !content) return false;
  const bottom = bar ? bar.getBoundingClientRect().top : main.getBoundingClientRect().bottom;
  return content.getBoundingClientRect().bottom > bottom - 4;
}
