// A small map of the whole picture, while that is larger than its window: where the window is, and a way to go elsewhere.

import { listen, svgElement } from "../../kit/assets/dom.js";

/** @import { Box, Point } from "./types.d.ts" */
/** @import { Viewer } from "./viewer.js" */

const MOST = [150, 110]; // pixels of the map
const SLIMMEST = 26; // of its shorter side: a thread of operations is drawn wider than it is
const NEARLY = 2; // pixels of the picture outside of its window that need no map

/**
 * The part of a picture that its window shows, in the picture's own pixels.
 * @param {{ x: number, y: number, k: number, size: Point }} camera
 * @param {Point} room width and height of the window
 * @returns {Box}
 */
export function inWindow({ x, y, k, size }, room) {
  const [left, top] = [Math.min(Math.max(-x / k, 0), size[0]), Math.min(Math.max(-y / k, 0), size[1])];
  const [right, bottom] = [Math.min(Math.max((room[0] - x) / k, left), size[0]), Math.min(Math.max((room[1] - y) / k, top), size[1])];
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/**
 * Whether some of the picture lies outside of its window.
 * @param {Box} seen
 * @param {Point} size
 * @param {number} k
 */
export const isCut = (seen, size, k) => (size[0] - seen.width) * k > NEARLY || (size[1] - seen.height) * k > NEARLY;

/**
 * How far to move so that `point` of the picture comes to the window's centre.
 * @param {Point} point
 * @param {{ x: number, y: number, k: number }} camera
 * @param {Point} room
 * @returns {Point}
 */
export const towards = (point, { x, y, k }, room) => [room[0] / 2 - point[0] * k - x, room[1] / 2 - point[1] * k - y];

export class MiniMap {
  /** @param {Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.map = svgElement("svg", { class: "minimap", role: "img", "aria-label": "The whole graph; press to go there" });
    this.seen = svgElement("rect", { class: "seen" });
    this.down = false;
    viewer.stage.append(this.map);
    viewer.camera.placed = () => this.place();
    listen(/** @type {HTMLElement} */ (/** @type {unknown} */ (this.map)), {
      pointerdown: (e) => {
        this.down = true;
        this.map.setPointerCapture(e.pointerId);
        this.go(e);
      },
      pointermove: (e) => {
        if (this.down) this.go(e);
        e.stopPropagation();
      },
      pointerup: (e) => {
        this.down = false;
        e.stopPropagation();
      },
      click: (e) => e.stopPropagation(),
      dblclick: (e) => e.stopPropagation(),
    });
  }

  // A new picture.
  draw() {
    const { camera, nodes } = this.viewer;
    const [w, h] = camera.size;
    const scale = Math.min(MOST[0] / w, MOST[1] / h);
    for (const [name, value] of Object.entries({ viewBox: `0 0 ${w} ${h}`, preserveAspectRatio: "none", width: Math.max(w * scale, SLIMMEST), height: Math.max(h * scale, SLIMMEST) })) this.map.setAttribute(name, String(value));
    const boxes = [...nodes.keys()].map((id) => this.viewer.boxOf(id)).filter((box) => box !== undefined);
    this.map.replaceChildren(...boxes.map(({ x, y, width, height }) => svgElement("rect", { x, y, width, height, rx: 6 })), this.seen);
    this.place();
  }

  place() {
    const { camera } = this.viewer;
    if (!(camera.k > 0)) return; // a window without room yet, such as a tab that is not shown
    const seen = inWindow(camera, this.room());
    this.map.style.display = isCut(seen, camera.size, camera.k) && !camera.figure ? "block" : "none";
    for (const [name, value] of Object.entries(seen)) this.seen.setAttribute(name, String(value));
  }

  /** @returns {Point} */
  room() {
    const { stage } = this.viewer;
    return [stage.clientWidth, stage.clientHeight];
  }

  /** @param {PointerEvent} e */
  go(e) {
    e.stopPropagation();
    const { camera } = this.viewer;
    const box = this.map.getBoundingClientRect();
    /** @type {Point} */
    const point = [((e.clientX - box.left) / box.width) * camera.size[0], ((e.clientY - box.top) / box.height) * camera.size[1]];
    camera.pan(...towards(point, camera, this.room()));
  }
}
