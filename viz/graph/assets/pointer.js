// Mouse, pen and fingers on the stage. The listeners sit on the viewer's own elements and go when it goes.

import { listen, only } from "../../kit/assets/dom.js";
import { hoverLine } from "./hover.js";

/** @import { Point } from "./types.d.ts" */
/** @import { Viewer } from "./viewer.js" */
/** @typedef {{ part: "badge" | "box" | "edge" | "frame" | "ground", id: string | null, ref: string | null }} Target */

const BADGE = ".badge, .badge-sign, .badge-room";
const DRAG = 4; // pixels; a pointer that travelled less has clicked

/**
 * What an element of the picture stands for.
 * @param {Element} element
 * @returns {Target}
 */
export function targetOf(element) {
  const holder = /** @type {SVGElement | null} */ (element.closest("[data-id]"));
  const edge = /** @type {SVGElement | null} */ (element.closest(".edge"));
  const id = holder?.dataset.id ?? null;
  if (holder && element.closest(BADGE)) return { part: "badge", id, ref: null };
  if (holder && !element.classList.contains("frame")) return { part: "box", id, ref: null };
  if (edge) return { part: "edge", id: edge.dataset.from ?? null, ref: edge.dataset.ref ?? null };
  return { part: holder ? "frame" : "ground", id, ref: null };
}

/**
 * @param {Viewer} viewer
 * @param {Target} target
 */
export function click(viewer, { part, id, ref }) {
  if (part === "badge" && id !== null) viewer.toggle(id);
  else if (part === "box" || part === "edge") viewer.select(id, ref);
  else viewer.select(null);
}

/**
 * @param {Viewer} viewer
 * @param {Target} target
 */
export function doubleClick(viewer, { part, id }) {
  if (id !== null && (part === "box" || part === "frame")) viewer.toggle(id); // a badge has answered both clicks already
}

/** @param {Viewer} viewer */
export function listenPointer(viewer) {
  const { stage } = viewer;
  const press = new Press(viewer);
  const hint = only(viewer.root, ".hint");
  listen(stage, {
    pointerdown: (e) => press.down(e),
    pointermove: (e) => press.move(e),
    pointerup: (e) => press.up(e),
    pointercancel: (e) => press.up(e),
    click: (e) => press.click(e),
    dblclick: (e) => doubleClick(viewer, press.clicked ?? targetOf(/** @type {Element} */ (e.target))),
    wheel: (e) => {
      const active = e.ctrlKey || e.metaKey || viewer.root.matches(":focus-within") || viewer.root.matches(":fullscreen");
      hint.hidden = active;
      if (!active) return;
      e.preventDefault();
      viewer.camera.zoom(wheelFactor(e.deltaY, e.ctrlKey), press.at(e));
    },
    pointerover: (e) => {
      const { part, id } = targetOf(/** @type {Element} */ (e.target));
      const item = part === "box" || part === "badge" ? viewer.data.items[id ?? ""] : undefined;
      stage.title = item ? hoverLine(item, (text) => viewer.word(text)) : "";
    },
    pointerleave: () => (hint.hidden = true),
  });
}

/**
 * How far one event of the wheel zooms; a pinch on a touch pad arrives as a wheel with the control key and in small steps.
 * @param {number} delta
 * @param {boolean} pinch
 */
export const wheelFactor = (delta, pinch) => Math.exp(-Math.max(-60, Math.min(60, delta)) * (pinch ? 0.012 : 0.004));

// What the pointers that are down are doing: a click, a drag, or two fingers that zoom.
export class Press {
  /** @param {Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    /** @type {Map<number, Point>} */
    this.fingers = new Map();
    this.travelled = 0;
    // A click means what was under the pointer when it went down: an answer of the server may redraw the picture before it comes up.
    /** @type {Target | null} */
    this.pressed = null;
    /** @type {Element | null} */
    this.element = null;
    /** @type {Target | null} */
    this.clicked = null;
    this.answered = false; // whether this press has had its click
  }

  /**
   * Where on the stage an event happened.
   * @param {MouseEvent} e
   * @returns {Point}
   */
  at(e) {
    const box = this.viewer.stage.getBoundingClientRect();
    return [e.clientX - box.left, e.clientY - box.top];
  }

  spread() {
    const [[ax, ay], [bx, by]] = [...this.fingers.values()];
    return Math.hypot(ax - bx, ay - by);
  }

  /** @param {PointerEvent} e */
  down(e) {
    const element = /** @type {Element} */ (e.target);
    [this.pressed, this.element, this.answered] = [null, null, false];
    if (e.button > 0 || element.closest(".zoom")) return;
    [this.pressed, this.element] = [targetOf(element), element];
    this.fingers.set(e.pointerId, this.at(e));
    this.travelled = 0;
  }

  /** @param {PointerEvent} e */
  move(e) {
    const { stage, camera } = this.viewer;
    const from = this.fingers.get(e.pointerId);
    if (!from) return;
    const to = this.at(e);
    const before = this.fingers.size === 2 ? this.spread() : 0;
    this.fingers.set(e.pointerId, to);
    this.travelled += Math.abs(to[0] - from[0]) + Math.abs(to[1] - from[1]);
    if (this.fingers.size === 2) camera.zoom(this.spread() / before, to);
    else if (this.travelled > DRAG) {
      stage.setPointerCapture(e.pointerId);
      stage.classList.add("dragging");
      camera.pan(to[0] - from[0], to[1] - from[1]);
    }
  }

  /** @param {PointerEvent} e */
  up(e) {
    this.fingers.delete(e.pointerId);
    this.viewer.stage.classList.remove("dragging");
    // The browser sends no click, or one to the stage, where the element that was pressed is gone.
    if (e.type === "pointerup" && this.pressed && !this.element?.isConnected) this.release(this.pressed);
  }

  /** @param {MouseEvent} e */
  click(e) {
    const element = /** @type {Element} */ (e.target);
    if (element.closest(".zoom")) return;
    if (!this.answered) this.release(this.pressed ?? targetOf(element));
    this.answered = false;
  }

  /** @param {Target} target */
  release(target) {
    [this.pressed, this.element, this.answered] = [null, null, true];
    this.clicked = target;
    this.viewer.root.focus({ preventScroll: true });
    if (this.travelled <= DRAG) click(this.viewer, target);
  }
}
