// Names beside the points of Plotly's charts, and titles wider than their axis. Plotly prints names over each other, over axes and across the border;
// here each is moved to where it meets nothing, or left to the pointer. A saved picture is drawn in this document too, and so treated in the same way.
import { freeSpot, spotsAround } from "./spots.js";

/** @typedef {import("./spots.js").Spot} Spot */
/** @typedef {HTMLElement & { on?: (event: string, act: () => void) => void, removeListener?: (event: string, act: () => void) => void }} Chart */

const NAMES = ".textpoint text";
const OTHERS = "svg text:not(.textpoint text, .hoverlayer text, .modebar text)";

/** @type {WeakMap<Chart, () => void>} */
const placers = new WeakMap();

/** @param {Element} element @returns {Spot} */
const boxOf = (element) => element.getBoundingClientRect();

/**
 * Where the points of a name's plot are drawn; the chart where Plotly made no layer for the pointer.
 * @param {Element} name @param {Chart} chart
 */
function roomOf(name, chart) {
  const plot = [...(name.closest(".subplot")?.classList ?? [])].find((word) => word !== "subplot");
  return boxOf(chart.querySelector(`.nsewdrag[data-subplot="${plot}"]`) ?? chart);
}

/**
 * Where a name's point is, and how far Plotly keeps the name from it: the point is the text's own position before its group is moved.
 * @param {SVGTextElement} name
 */
function pointOf(name) {
  const group = /** @type {SVGGElement} */ (name.parentNode);
  const at = /** @type {SVGGElement} */ (group.parentNode).getScreenCTM();
  const point = new DOMPoint(Number(name.getAttribute("x")), Number(name.getAttribute("y"))).matrixTransform(at ?? undefined);
  const box = boxOf(name);
  const beside = Math.max(box.x - point.x, point.x - box.x - box.width);
  const above = Math.max(box.y - point.y, point.y - box.y - box.height);
  return { point, gap: Math.max(beside, above, 4), scale: at?.a || 1 };
}

/**
 * Steps along a line of a chart, so that a name keeps off it where it can.
 * @param {SVGPathElement} line @returns {Spot[]}
 */
function stepsAlong(line) {
  const at = line.getScreenCTM() ?? undefined;
  const length = line.getTotalLength();
  const step = Math.max(6, length / 200);
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, i) => {
    const { x, y } = line.getPointAtLength(i * step).matrixTransform(at);
    return { x: x - 1, y: y - 1, width: 2, height: 2 };
  });
}

/**
 * An axis' title wider than its axis is pushed back into the chart.
 * @param {Chart} chart
 */
function keepTitlesInside(chart) {
  const room = boxOf(chart);
  for (const title of /** @type {NodeListOf<SVGTextElement>} */ (chart.querySelectorAll(".xtitle"))) {
    title.removeAttribute("transform");
    const box = boxOf(title);
    const out = Math.max(room.x - box.x, 0) - Math.max(box.x + box.width - room.x - room.width, 0);
    if (out) title.setAttribute("transform", `translate(${out / (title.getScreenCTM()?.a || 1)} 0)`);
  }
}

/**
 * A name that has to stand on points is read against the page's ground, drawn round its letters.
 * @param {SVGTextElement} name @param {string} ground
 */
function standOut(name, ground) {
  Object.assign(name.style, { stroke: ground, strokeWidth: "3px", strokeLinejoin: "round", paintOrder: "stroke" });
}

/** @param {Chart} chart */
function place(chart) {
  keepTitlesInside(chart);
  const names = /** @type {SVGTextElement[]} */ ([...chart.querySelectorAll(NAMES)]).filter((name) => name.textContent?.trim());
  if (!names.length) return;
  for (const name of names) for (const attribute of ["transform", "visibility"]) name.removeAttribute(attribute);
  const taken = [...chart.querySelectorAll(OTHERS)].filter((text) => text.checkVisibility({ visibilityProperty: true })).map(boxOf);
  const lines = /** @type {SVGPathElement[]} */ ([...chart.querySelectorAll(".js-line")]);
  const marks = [...[...chart.querySelectorAll(".points path")].map(boxOf), ...lines.flatMap(stepsAlong)];
  const ground = getComputedStyle(chart.closest(".stApp") ?? document.body).backgroundColor;
  for (const name of names) {
    standOut(name, ground);
    const { point, gap, scale } = pointOf(name);
    const now = boxOf(name);
    const spot = freeSpot([now, ...spotsAround(point, now, gap)], roomOf(name, chart), taken, marks);
    if (spot) {
      name.setAttribute("transform", `translate(${(spot.x - now.x) / scale} ${(spot.y - now.y) / scale})`);
      taken.push(spot);
    } else name.setAttribute("visibility", "hidden");
  }
}

/** @param {Chart} chart */
function watch(chart) {
  const act = placers.get(chart) ?? (() => place(chart));
  placers.set(chart, act);
  chart.removeListener?.("plotly_afterplot", act); // a chart that was taken down and drawn again has lost it
  chart.on?.("plotly_afterplot", act);
  act();
}

new MutationObserver((changes) => {
  /** @type {Set<Chart>} */
  const drawn = new Set();
  for (const { target } of changes) {
    const chart = target instanceof Element && !target.closest(".hoverlayer") ? target.closest(".js-plotly-plot") : null;
    if (chart) drawn.add(/** @type {Chart} */ (chart));
  }
  drawn.forEach(watch);
}).observe(document, { childList: true, subtree: true });
