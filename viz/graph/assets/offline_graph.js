// The server's answers, given without it. The inside of every module was laid out beforehand; opening one stretches the picture around it:
// along each axis the room of an open module grows to what its inside needs, and everything beyond moves on.

import { escaped, headPath, movedPath, quoted, roundedPath, splineMiddle, splinePath } from "./paths.js";
import { arrowBase, stretched } from "./stretch.js";

/** @import { GraphData, Inside, OfflineData, OfflineLine, Point, Rectangle, ViewState } from "./types.d.ts" */
/** @typedef {(v: number) => number} AxisMap */
/** @typedef {{ size: [number, number], boxes: Record<string, Rectangle>, parts: Map<string, Composed>, maps: [AxisMap, AxisMap] }} Composed */
/** @typedef {{ frames: string[], edges: string[], headings: string[], nodes: string[] }} Layers */
/** @typedef {{ inside: Inside, composed: Composed, dx: number, dy: number, frame: Rectangle | null }} Drawing one module's inside, where it is drawn, and its frame */

const ROOM = { side: 16, top: 44, bottom: 16, tight: 9, stack: 7 };
const MARGIN = 24;
const MOST_HITS = 30;

/** @param {string} id */
const isGate = (id) => id === "in" || id === "out";

export class OfflineGraph {
  /** @param {OfflineData} data */
  constructor(data) {
    this.data = data;
    this.items = data.items;
    this.sideways = data.direction === "LR";
  }

  /**
   * The view in which the file opens.
   * @returns {ViewState}
   */
  opening() {
    const { of, open, direction } = this.data;
    return { of, level: "", open, selected: null, ref: null, find: "", direction };
  }

  /**
   * What the viewer shows for a view, as the server would answer.
   * @param {ViewState} asked
   * @param {number} height
   * @returns {GraphData}
   */
  answer(asked, height) {
    const { of, direction, overlays, ramp, kinds, words, error } = this.data;
    const open = new Set(asked.level ? this.data.levels[asked.level] : asked.open);
    if (asked.reveal && this.items[asked.reveal]) for (const id of this.around(asked.reveal)) open.add(id);
    const view = { ...asked, open: [...open], reveal: null, export: null, selected: this.visible(asked.selected, open) };
    return {
      of, direction, overlays, ramp, kinds, words, error, view, height, items: this.items, svg: this.draw(open), reveal: asked.reveal,
      card: view.selected === null ? null : this.items[view.selected].card, found: this.search(view.find, open),
      changed: [], failed: [], marks: {}, scale: {}, key: "offline", overlay: "", group: "", download: null,
    };
  }

  /**
   * The modules around an item, innermost first.
   * @param {string} id
   */
  around(id) {
    const found = [];
    for (let at = this.items[id].parent; at; at = this.items[at].parent) found.push(at);
    return found;
  }

  /**
   * An item, or the closed module that hides it.
   * @param {string | null} id
   * @param {Set<string>} open
   */
  visible(id, open) {
    if (id === null || !this.items[id]) return null;
    return [...this.around(id).reverse(), id].find((at) => at === id || !open.has(at)) ?? id;
  }

  /**
   * The items whose name, path or kind holds every word of `text`.
   * @param {string} text
   * @param {Set<string>} open
   */
  search(text, open) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return [];
    const hits = Object.entries(this.items).filter(([id, item]) => id && words.every((word) => item.search.includes(word)));
    return hits.slice(0, MOST_HITS).map(([id, item]) => ({ id, title: item.t, path: item.path, kind: item.k, shown: this.visible(id, open) ?? id }));
  }

  // --- places --------------------------------------------------------------------------------------

  /**
   * The inside of `id` with everything open in it: its size, its boxes, and the maps that its lines follow.
   * @param {string} id
   * @param {Set<string>} open
   * @returns {Composed}
   */
  compose(id, open) {
    const inside = this.data.insides[id];
    /** @type {Map<string, Composed>} */
    const parts = new Map();
    for (const child of this.items[id].inside) {
      if (open.has(child) && this.items[child].opens) parts.set(child, this.compose(child, open));
    }
    const sizes = new Map([...parts].map(([child, part]) => [child, this.framed(child, part)]));
    const along = (/** @type {0 | 1} */ axis) =>
      stretched([...sizes].map(([child, size]) => [inside.boxes[child][axis], inside.boxes[child][axis === 0 ? 2 : 3], size[axis]]));
    const maps = /** @type {[AxisMap, AxisMap]} */ ([along(0), along(1)]);
    /** @type {Record<string, Rectangle>} */
    const boxes = {};
    for (const [child, [x, y, w, h]] of Object.entries(inside.boxes)) {
      const [W, H] = sizes.get(child) ?? [w, h];
      boxes[child] = [maps[0](x + w / 2) - W / 2, maps[1](y + h / 2) - H / 2, W, H];
    }
    return { size: [maps[0](inside.size[0]), maps[1](inside.size[1])], boxes, parts, maps };
  }

  /**
   * The size of an open item with its frame.
   * @param {string} id
   * @param {Composed} part
   */
  framed(id, { size: [w, h] }) {
    const { side, top, bottom, tight } = ROOM;
    if (this.items[id].role === "fused") return [w + 2 * tight, h + 2 * tight];
    return [Math.max(w + 2 * side, this.items[id].plate + side), h + top + bottom];
  }

  /**
   * Where the inside of an open item begins within its frame.
   * @param {string} id
   * @param {Composed} part
   * @param {Rectangle} frame
   */
  inner(id, part, [, , w]) {
    return this.items[id].role === "fused" ? [ROOM.tight, ROOM.tight] : [(w - part.size[0]) / 2, ROOM.top];
  }

  // --- drawing -------------------------------------------------------------------------------------

  /**
   * The picture of a fold state: the app's own where the file holds it, else composed of the insides.
   * @param {Set<string>} open
   */
  draw(open) {
    const told = this.data.scenes.find((scene) => scene.open.length === open.size && scene.open.every((id) => open.has(id)));
    if (told) return told.svg;
    /** @type {Layers} */
    const layers = { frames: [], edges: [], headings: [], nodes: [] };
    const whole = this.compose("", open);
    this.drawInside("", { inside: this.data.insides[""], composed: whole, dx: MARGIN, dy: MARGIN, frame: null }, layers);
    const [w, h] = whole.size.map((v) => v + 2 * MARGIN);
    const groups = Object.entries(layers).map(([name, parts]) => `<g class="${name}">${parts.join("")}</g>`);
    return `<svg xmlns="http://www.w3.org/2000/svg" class="graph" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}">${groups.join("")}</svg>`;
  }

  /**
   * @param {string} id
   * @param {Drawing} drawing
   * @param {Layers} layers
   */
  drawInside(id, drawing, layers) {
    const { composed, dx, dy } = drawing;
    layers.edges.push(...drawing.inside.lines.map((line) => this.line(line, drawing)));
    for (const child of this.items[id].inside) {
      const [x, y, w, h] = composed.boxes[child];
      const part = composed.parts.get(child);
      if (!part) {
        layers.nodes.push(this.node(child, x + dx, y + dy));
        continue;
      }
      const frame = /** @type {Rectangle} */ ([x + dx, y + dy, w, h]);
      const attributes = `class="frame ${this.items[child].role} k-module" data-id=${quoted(child)} data-box="${frame.join(" ")}"`;
      layers.frames.push(`<g ${attributes}><path class="frame" d="${roundedPath(...frame, 14)}"/></g>`);
      layers.headings.push(this.heading(child, frame));
      const [ix, iy] = this.inner(child, part, frame);
      this.drawInside(child, { inside: this.data.insides[child], composed: part, dx: frame[0] + ix, dy: frame[1] + iy, frame }, layers);
    }
  }

  /**
   * @param {string} id
   * @param {number} x
   * @param {number} y
   */
  node(id, x, y) {
    const item = this.items[id];
    const shapes = item.shapes.map((shape) => {
      if (shape.length === 2) return `<path class="${shape[0]}" d="${movedPath(shape[1], x, y)}"/>`;
      const [style, text, tx, ty, anchor] = shape;
      return `<text class="${style}" x="${(tx + x).toFixed(1)}" y="${(ty + y).toFixed(1)}" text-anchor="${anchor}">${escaped(text)}</text>`;
    });
    const [w, h] = item.classes.includes("stack") ? item.size.map((v) => v - ROOM.stack) : item.size;
    return `<g class="${item.classes} k-${item.k}" data-id=${quoted(id)} data-box="${x} ${y} ${w} ${h}">${shapes.join("")}</g>`;
  }

  /**
   * The plate with an open module's name, and its badge.
   * @param {string} id
   * @param {Rectangle} frame
   */
  heading(id, [x, y, w]) {
    const item = this.items[id];
    if (item.role === "fused") return `<g class="framed fused k-module" data-id=${quoted(id)}>${badge(x + w - 1, y + 1)}</g>`;
    const left = x + (this.sideways ? Math.min(12, (w - item.plate) / 2) : (w - item.plate) / 2);
    const chip = `<path class="chip" d="${roundedPath(left, y + 8, item.plate, 26, 13)}"/>`;
    const text = `<text class="heading" x="${left + 15}" y="${y + 25.5}">${escaped(item.heading)}</text>`;
    return `<g class="framed k-module" data-id=${quoted(id)}>${chip}${text}${badge(left + item.plate - 15, y + 21)}</g>`;
  }

  /**
   * @param {OfflineLine} line
   * @param {Drawing} drawing
   */
  line({ from, to, ref, path, c, text, at, points }, drawing) {
    const { composed: { maps }, dx, dy } = drawing;
    const [start, end] = [this.end(from, drawing), this.end(to, drawing)];
    const last = points.length - 1;
    const placed = points.map((point, i) => {
      if (i === 0) return start(point);
      return i >= last - 1 ? end(point) : /** @type {Point} */ ([maps[0](point[0]) + dx, maps[1](point[1]) + dy]);
    });
    const tip = placed[last];
    const base = arrowBase(tip, placed[last - 1], points[last], points[last - 1]);
    const curve = [...placed.slice(0, last - 1), base];
    const [before, after] = [splineMiddle(points.slice(0, last)), splineMiddle(curve)];
    const [tx, ty] = at.map((v, i) => v + after[i] - before[i]);
    const label = text && `<text class="shape" x="${tx.toFixed(1)}" y="${ty.toFixed(1)}">${escaped(text)}</text>`;
    const kind = path === "residual" ? " k-add" : path === "concat" ? " k-concat" : "";
    const head = to === "out" ? "" : `<path class="head" d="${headPath(base, tip)}"/>`;
    const ends = `data-from=${quoted(isGate(from) ? "" : from)} data-to=${quoted(isGate(to) ? "" : to)} data-ref="${ref}"`;
    return `<g class="edge ${path}${kind}" style="--c:${c}" ${ends}><path class="line" d="${splinePath(curve)}"/>${head}${label}</g>`;
  }

  /**
   * How a line's end moves: with its box, onto the gate of an open module, or onto the frame where the line goes outside.
   * @param {string} id
   * @param {Drawing} drawing
   * @returns {(point: Point) => Point}
   */
  end(id, { inside, composed, dx, dy, frame }) {
    const { sideways } = this;
    if (isGate(id)) {
      const [gx, gy] = inside.boxes[id];
      const [x, y] = [composed.maps[0](gx) + dx, composed.maps[1](gy) + dy];
      if (!frame) return () => [x, y];
      const [fx, fy, fw, fh] = frame;
      return () => (sideways ? [id === "in" ? fx : fx + fw, y] : [x, id === "in" ? fy : fy + fh]);
    }
    const [x, y, w, h] = inside.boxes[id];
    const [X, Y, W, H] = composed.boxes[id];
    const part = composed.parts.get(id);
    if (!part) return ([px, py]) => [px - x - w / 2 + X + W / 2 + dx, py - y - h / 2 + Y + H / 2 + dy];
    const [ix, iy] = this.inner(id, part, composed.boxes[id]);
    const { boxes, size } = this.data.insides[id];
    const gate = (/** @type {string} */ name) => {
      const [gx, gy] = boxes[name] ?? [size[0] / 2, size[1] / 2];
      return [X + ix + part.maps[0](gx) + dx, Y + iy + part.maps[1](gy) + dy];
    };
    // A point in front of the module belongs to its entry, one behind it to its exit.
    return ([px, py]) => {
      const before = sideways ? px < x + w / 2 : py < y + h / 2;
      const [gx, gy] = gate(before ? "in" : "out");
      return sideways ? [before ? X + dx : X + W + dx, gy] : [gx, before ? Y + dy : Y + H + dy];
    };
  }
}

/**
 * The round button with which an open module is closed.
 * @param {number} x
 * @param {number} y
 */
function badge(x, y) {
  const [disc, room] = [8, 14].map((r) => roundedPath(x - r, y - r, 2 * r, 2 * r, r));
  return `<path class="badge" d="${disc}"/><path class="badge-sign" d="M${x - 3.5} ${y}L${x + 3.5} ${y}"/><path class="badge-room" d="${room}"/>`;
}
