// Pan and zoom: one CSS transform on the sheet. While it moves it is a layer of its own; at rest it is drawn anew, so text stays sharp.
// The picture never glides: what is drawn is always where a click falls.

/** @import { Box, Point } from "./types.d.ts" */

const READABLE = [0.9, 1.2]; // opening scale of a picture that does not fit: its small text is 11 px on a laptop, 15 px on a projector
const LEAST = 0.7; // smallest opening scale, however wide the picture is
const WHOLE = 0.6; // a picture that fits at this scale opens whole
const MOST_OPENING = 1.25;
const MOST_FITTED = 1.4;
const ZOOM = [0.03, 4];
const EDGE = 30; // pixels between a box that was brought into sight and the edge of the stage

/**
 * Where a picture of length `size` begins in a stage of length `room`: centred, or, if it is longer, so that `start` is centred.
 * @param {number} room
 * @param {number} size
 * @param {number} start
 */
export const beginning = (room, size, start) => (size <= room ? (room - size) / 2 : Math.min(0, Math.max(room - size, room / 2 - start)));

/**
 * How far to move along one axis so that a box from `low`, `length` long, lies in a stage of length `room`.
 * @param {number} low
 * @param {number} length
 * @param {number} room
 */
export const intoSight = (low, length, room) => Math.max(EDGE - low, 0) + Math.min(room - EDGE - low - length, 0);

/**
 * The width that a picture `size` wide, shown whole and centred, may use: all of `room` unless it would reach under the buttons, `buttons` wide, at the right.
 * @param {number} room
 * @param {number} size
 * @param {number} buttons
 */
export const clearOfButtons = (room, size, buttons) => ((room + size) / 2 > room - buttons ? room - buttons : room);

export class Camera {
  /**
   * @param {HTMLElement} stage
   * @param {HTMLElement} sheet
   */
  constructor(stage, sheet) {
    this.stage = stage;
    this.sheet = sheet;
    [this.x, this.y, this.k] = [0, 0, 1];
    this.size = /** @type {Point} */ ([1, 1]);
    this.start = /** @type {Point} */ ([0, 0]); // what must be in sight when the picture opens
    this.moved = false; // whether the user moved the picture
    this.sideways = false;
    this.figure = false;
    this.moves = () => {};
    this.narrowed = () => {};
    this.placed = () => {}; // called whenever the picture has another place or size
    /** @type {string | number | undefined} */
    this.wide = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.rest = undefined;
    new ResizeObserver(() => this.resized()).observe(stage);
  }

  apply() {
    this.sheet.style.willChange = "transform";
    this.sheet.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.k})`;
    this.sheet.classList.toggle("far", this.k < 0.4);
    this.sheet.classList.toggle("farther", this.k < 0.18);
    this.placed();
    clearTimeout(this.rest);
    this.rest = setTimeout(() => (this.sheet.style.willChange = "auto"), 220);
  }

  // If the viewer became wider or narrower, the picture is placed anew unless the user moved it. If only the card came or went, it stays.
  resized() {
    const { clientWidth, clientHeight } = this.stage.parentElement ?? this.stage;
    const whole = this.figure ? `${clientWidth}x${clientHeight}` : clientWidth; // a figure is shown whole, so its height counts too
    const sameViewer = this.wide === whole;
    this.wide = whole;
    if (!sameViewer && !this.moved) this.home();
    else if (sameViewer) this.narrowed();
    this.placed();
  }

  // The whole picture if it can be read at that size; else its beginning.
  home() {
    const across = this.sideways ? this.stage.clientHeight / this.size[1] : this.stage.clientWidth / this.size[0];
    const { clientWidth, clientHeight: H } = this.stage;
    const opensWhole = this.figure || this.whole() >= WHOLE;
    const W = opensWhole ? clearOfButtons(clientWidth, this.size[0] * Math.min(this.whole(), MOST_OPENING), this.buttons()) : clientWidth;
    this.k = Math.min(opensWhole ? this.whole(W) : Math.max(Math.min(this.readable(), across), LEAST), MOST_OPENING);
    const [w, h] = this.size.map((s) => s * this.k);
    this.x = this.sideways && w > W ? 0 : beginning(W, w, this.start[0] * this.k);
    this.y = !this.sideways && h > H ? 0 : beginning(H, h, this.start[1] * this.k);
    this.moved = false;
    this.apply();
  }

  readable() {
    return Math.min(Math.max(this.stage.clientWidth / 900, READABLE[0]), READABLE[1]);
  }

  whole(width = this.stage.clientWidth) {
    return Math.min(width / this.size[0], this.stage.clientHeight / this.size[1]);
  }

  // Width of the strip at the right in which the zoom buttons lie.
  buttons() {
    const zoom = this.stage.querySelector(".zoom");
    return zoom ? this.stage.getBoundingClientRect().right - zoom.getBoundingClientRect().left : 0;
  }

  fit() {
    this.k = Math.min(this.whole(), MOST_FITTED);
    this.x = (this.stage.clientWidth - this.size[0] * this.k) / 2;
    this.y = (this.stage.clientHeight - this.size[1] * this.k) / 2;
    this.move();
  }

  // A movement that the user asked for: the other graphs of the group follow it.
  move() {
    this.moved = true;
    this.apply();
    this.moves();
  }

  /**
   * @param {number} dx
   * @param {number} dy
   */
  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.move();
  }

  /**
   * Scale by `factor`; the point `at` of the stage, its centre if none is given, stays where it is.
   * @param {number} factor
   * @param {Point | null} at
   */
  zoom(factor, at = null) {
    const [px, py] = at ?? [this.stage.clientWidth / 2, this.stage.clientHeight / 2];
    const k = Math.min(Math.max(this.k * factor, ZOOM[0]), ZOOM[1]);
    this.x = px - ((px - this.x) * k) / this.k;
    this.y = py - ((py - this.y) * k) / this.k;
    this.k = k;
    this.move();
  }

  /**
   * After a new layout: what was at `before` is now at `now`, and must not move on the screen.
   * @param {Point | undefined} before
   * @param {Point | undefined} now
   */
  hold(before, now) {
    if (before && now) {
      this.x += (before[0] - now[0]) * this.k;
      this.y += (before[1] - now[1]) * this.k;
    }
    this.apply();
  }

  /** @param {Box | undefined} box */
  centre(box) {
    if (!box) return;
    this.k = Math.max(this.k, this.readable());
    this.x = this.stage.clientWidth / 2 - (box.x + box.width / 2) * this.k;
    this.y = this.stage.clientHeight / 2 - (box.y + Math.min(box.height, 200) / 2) * this.k;
    this.move();
  }

  /**
   * Bring a box into sight with the least movement.
   * @param {Box | undefined} box
   */
  show(box) {
    if (!box) return;
    const dx = intoSight(this.x + box.x * this.k, box.width * this.k, this.stage.clientWidth);
    const dy = intoSight(this.y + box.y * this.k, box.height * this.k, this.stage.clientHeight);
    if (dx || dy) this.pan(dx, dy);
  }

  /**
   * Where a point of the picture is on the stage.
   * @param {Point} point
   * @returns {Point}
   */
  onStage([x, y]) {
    return [x * this.k + this.x, y * this.k + this.y];
  }
}
