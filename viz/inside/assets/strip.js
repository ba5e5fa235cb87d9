// Every operation as a tile with a thumbnail of what it gives, in the order in which they run. "Play" lights them up one after the other.

import { element, only } from "../../kit/assets/dom.js";
import { drawBars, drawMap } from "./colours.js";

/** @import { StripData, Tile } from "./types.d.ts" */

const WHOLE = 4000; // milliseconds for the whole network
const LONGEST = 160; // milliseconds for one operation

/**
 * How long each of `count` tiles is lit.
 * @param {number} count
 */
export function litFor(count) {
  return Math.min(LONGEST, WHOLE / Math.max(1, count));
}

/**
 * @param {Tile} tile
 * @param {boolean} chosen
 * @param {() => void} choose
 */
function button(tile, chosen, choose) {
  const made = element("button", "", `tile k-${tile.kind}${chosen ? " chosen" : ""}`);
  const canvas = element("canvas");
  if (Array.isArray(tile.thumb)) drawBars(canvas, tile.thumb);
  else drawMap(canvas, tile.thumb);
  made.title = tile.title;
  made.dataset.node = String(tile.node);
  made.setAttribute("aria-pressed", String(chosen));
  made.setAttribute("aria-label", tile.title);
  made.append(canvas, element("span", tile.label));
  made.addEventListener("click", choose);
  return made;
}

/**
 * @param {HTMLElement} root
 * @param {StripData} data
 */
function play(root, data) {
  const tiles = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".tile")]);
  const control = only(root, ".play");
  let at = 0;
  control.textContent = data.words.stop;
  const timer = window.setInterval(() => {
    tiles[at - 1]?.classList.remove("lit");
    if (at >= tiles.length) return end();
    tiles[at].classList.add("lit");
    tiles[at].scrollIntoView({ block: "nearest", inline: "nearest" });
    at += 1;
  }, litFor(tiles.length));
  const end = () => {
    window.clearInterval(timer);
    tiles.forEach((tile) => tile.classList.remove("lit"));
    control.textContent = data.words.play;
    control.onclick = () => play(root, data);
  };
  control.onclick = end;
}

/** @param {{ data: StripData, parentElement: HTMLElement, setTriggerValue: (name: string, value: unknown) => void }} component */
export default function ({ data, parentElement, setTriggerValue }) {
  const root = /** @type {HTMLElement & { shown?: string }} */ (only(parentElement, ".inside-strip"));
  const now = JSON.stringify(data.groups);
  if (root.shown === now) {
    for (const tile of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(".tile"))) {
      const chosen = tile.dataset.node === String(data.chosen);
      tile.classList.toggle("chosen", chosen);
      tile.setAttribute("aria-pressed", String(chosen));
    }
    return;
  }
  root.shown = now;
  const control = element("button", data.words.play, "play");
  control.onclick = () => play(root, data);
  const groups = data.groups.map((group) => {
    const made = element("div", "", "group");
    const tiles = element("div", "", "tiles");
    tiles.append(...group.tiles.map((tile) => button(tile, tile.node === data.chosen, () => setTriggerValue("node", tile.node))));
    made.append(element("div", group.name, "name"), tiles);
    return made;
  });
  const row = element("div", "", "row");
  row.tabIndex = 0;
  row.append(...groups);
  root.replaceChildren(control, row);
  root.querySelector(".chosen")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}
