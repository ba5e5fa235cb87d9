// Every number on the page, and what a select box shows, that does not stand whole in its box: cut off by an ancestor that hides what overflows, ended by "...", or printed over another one.
const NUMBER = /\d/;
const CHOSEN = "[data-testid=stMain] .stSelectbox input";
const LEFT_OUT = [
  "script, style, option, svg, pre, .stCode, .katex, [aria-hidden=true], [translate=no], .viewer .sheet",
  "[data-testid=stIconMaterial], [aria-expanded=false][data-testid=stSidebar], [data-testid=stTooltipContent]",
].join(", ");

const parentOf = (element) => element.parentElement ?? element.getRootNode().host ?? null;
const shown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
const scrolls = (overflow) => overflow === "auto" || overflow === "scroll";

function* roots(root) {
  yield root;
  for (const element of root.querySelectorAll("*")) if (element.shadowRoot) yield* roots(element.shadowRoot);
}

function* texts() {
  for (const root of roots(document.body)) {
    const words = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = words.nextNode(); node; node = words.nextNode()) {
      const holder = node.parentElement;
      if (holder && NUMBER.test(node.data) && !holder.closest(LEFT_OUT) && shown(holder)) yield { node, holder };
    }
  }
}

function linesOf(node) {
  const range = document.createRange();
  range.selectNodeContents(node);
  return [...range.getClientRects()].filter((line) => line.width > 1 && line.height > 1);
}

function cutBy(style, box, lines) {
  const wide = style.overflowX !== "visible" && !scrolls(style.overflowX);
  const high = style.overflowY !== "visible" && !scrolls(style.overflowY);
  const found = [];
  if (wide && lines.some((line) => line.left < box.left - 1 || line.right > box.right + 1)) found.push("cut at the side");
  if (high && lines.some((line) => line.top < box.top - line.height / 2 || line.bottom > box.bottom + line.height / 2)) found.push("cut above or below");
  return found;
}

function cuts(holder, lines) {
  const found = [];
  for (let around = holder; around && around !== document.body; around = parentOf(around)) {
    const style = getComputedStyle(around);
    if (style.overflowX === "visible" && style.overflowY === "visible") continue;
    const box = around.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) break; // read by screen readers only
    if (box.right <= 0 || box.left >= innerWidth || lines.every((line) => line.right <= box.left || line.left >= box.right)) break; // put away, as a closed side bar is
    found.push(...cutBy(style, box, lines));
    if (scrolls(style.overflowX) || scrolls(style.overflowY)) break; // what scrolls can be reached
  }
  return found;
}

function holds(around, holder) {
  for (let place = holder; place; place = parentOf(place)) if (place === around) return true;
  return false;
}

// What a box has scrolled away stands where text outside that box stands, and is not drawn.
function scrolledAway({ holder, line }, other) {
  for (let around = holder; around && around !== document.body && !holds(around, other); around = parentOf(around)) {
    const style = getComputedStyle(around);
    if (style.overflowX === "visible" && style.overflowY === "visible") continue;
    const box = around.getBoundingClientRect();
    if (line.right <= box.left || line.left >= box.right || line.bottom <= box.top || line.top >= box.bottom) return true;
  }
  return false;
}

function overprinted(a, b) {
  if (a.holder === b.holder || a.holder.contains(b.holder) || b.holder.contains(a.holder)) return false;
  const wide = Math.min(a.line.right, b.line.right) - Math.max(a.line.left, b.line.left);
  const high = Math.min(a.line.bottom, b.line.bottom) - Math.max(a.line.top, b.line.top);
  if (wide <= 2 || high <= Math.min(a.line.height, b.line.height) / 3) return false;
  return !scrolledAway(a, b.holder) && !scrolledAway(b, a.holder);
}

window.numbersCut = () => {
  const found = [];
  const boxes = [];
  for (const { node, holder } of texts()) {
    const lines = linesOf(node);
    const text = node.data.trim().slice(0, 50);
    if (lines.length) found.push(...cuts(holder, lines).map((how) => `${how}: ${text}`));
    boxes.push(...lines.map((line) => ({ line, text, holder })));
  }
  for (const root of roots(document.body))
    for (const field of root.querySelectorAll(CHOSEN))
      if (shown(field) && field.scrollWidth > field.clientWidth + 1) found.push(`cut in its box: ${field.value.slice(0, 80)}`);
  boxes.forEach((a, i) => {
    for (const b of boxes.slice(i + 1)) if (overprinted(a, b)) found.push(`printed over each other: ${a.text} | ${b.text}`);
  });
  return [...new Set(found)];
};
