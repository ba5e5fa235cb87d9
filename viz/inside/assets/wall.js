// The channels that one operation gives, each as a map; the chosen one large, where a click or the arrow keys choose a number.

import { element, only } from "../../kit/assets/dom.js";
import { drawMap } from "./colours.js";

/** @import { WallData } from "./types.d.ts" */

/** @type {Record<string, [number, number]>} */
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * The row and column below a point of the large map.
 * @param {number} x from its left edge
 * @param {number} y from its upper edge
 * @param {{ width: number, height: number }} box
 * @param {[number, number]} size rows and columns
 * @returns {[number, number]}
 */
export function placeAt(x, y, box, size) {
  const along = (/** @type {number} */ part, /** @type {number} */ length, /** @type {number} */ count) =>
    Math.min(count - 1, Math.max(0, Math.floor((part / length) * count)));
  return [along(y, box.height, size[0]), along(x, box.width, size[1])];
}

/**
 * The next place for an arrow key; the same one at an edge.
 * @param {[number, number]} place
 * @param {[number, number]} step
 * @param {[number, number]} size
 * @returns {[number, number]}
 */
export function moved(place, step, size) {
  return [Math.min(size[0] - 1, Math.max(0, place[0] + step[0])), Math.min(size[1] - 1, Math.max(0, place[1] + step[1]))];
}

/** @param {{ data: WallData, parentElement: HTMLElement, setTriggerValue: (name: string, value: unknown) => void }} component */
export default function ({ data, parentElement, setTriggerValue }) {
  const root = /** @type {HTMLElement & { shown?: string }} */ (only(parentElement, ".inside-wall"));
  const focused = parentElement.contains(document.activeElement) || root.contains(/** @type {Document | ShadowRoot} */ (root.getRootNode()).activeElement);
  const now = JSON.stringify(data);
  if (root.shown === now) return;
  root.shown = now;
  const grid = element("div", "", "grid");
  grid.setAttribute("role", "group");
  grid.setAttribute("aria-label", data.words.wall);
  for (const channel of data.channels) {
    const made = element("button", "", `cell${channel.number === data.channel ? " chosen" : ""}${channel.off ? " off" : ""}`);
    const canvas = element("canvas");
    drawMap(canvas, channel.map);
    made.title = channel.title;
    made.dataset.channel = String(channel.number);
    made.setAttribute("aria-label", channel.title);
    made.setAttribute("aria-pressed", String(channel.number === data.channel));
    made.append(canvas, element("span", String(channel.number)));
    made.addEventListener("click", () => setTriggerValue("channel", channel.number));
    grid.append(made);
  }
  const large = element("div", "", "large");
  large.tabIndex = 0;
  large.setAttribute("role", "application");
  large.setAttribute("aria-label", data.words.map);
  const canvas = element("canvas");
  drawMap(canvas, data.chosen);
  large.append(canvas);
  const tell = (/** @type {[number, number]} */ place) => setTriggerValue("pixel", `${place[0]}.${place[1]}`);
  if (data.pixel) {
    const mark = element("div", "", "mark");
    const [row, column] = data.pixel;
    mark.style.left = `${(column / data.size[1]) * 100}%`;
    mark.style.top = `${(row / data.size[0]) * 100}%`;
    mark.style.width = `${100 / data.size[1]}%`;
    mark.style.height = `${100 / data.size[0]}%`;
    large.append(mark);
  }
  large.addEventListener("click", (event) => {
    const box = canvas.getBoundingClientRect();
    tell(placeAt(event.clientX - box.left, event.clientY - box.top, box, data.size));
  });
  large.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    tell(moved(data.pixel ?? [0, 0], step, data.size));
  });
  root.replaceChildren(grid, large);
  if (focused) large.focus({ preventScroll: true });
}
