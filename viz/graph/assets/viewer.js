// The graph viewer. The server lays out what is open; everything else (pan, zoom, colours, selection, keys) happens here.

import { isDark, only } from "../../kit/assets/dom.js";
import { Camera } from "./camera.js";
import { showCard } from "./card.js";
import { markDifferences } from "./differences.js";
import { deliver } from "./downloads.js";
import { boxOf } from "./geometry.js";
import { Group } from "./group.js";
import { listenKeys } from "./keys.js";
import { MiniMap } from "./minimap.js";
import { fillOverlays, paint } from "./overlay.js";
import { listenPointer } from "./pointer.js";
import { listenSearch, showFound } from "./search.js";
import { recall } from "./storage.js";
import { listenTools } from "./tools.js";
import { filled, translateTemplate } from "./words.js";

/** @import { GraphData, Point, ViewState } from "./types.d.ts" */

/** @type {ViewState} */
const NOTHING_OPEN = { of: "", level: "", open: [], selected: null, ref: null, find: "", direction: "TB" };
/** @type {GraphData} */
const NOTHING = {
  of: "", key: "", height: 0, svg: "", direction: "TB", items: {}, overlay: "", overlays: [], scale: {}, ramp: [[], []], kinds: {}, changed: [], failed: [],
  marks: {}, card: null, found: [], error: "", group: "", view: NOTHING_OPEN,
};

export class Viewer {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.stage = only(root, ".stage");
    this.sheet = only(root, ".sheet");
    this.camera = new Camera(this.stage, this.sheet);
    this.camera.narrowed = () => this.camera.show(this.boxOf(this.view.selected));
    this.data = NOTHING;
    this.view = NOTHING_OPEN;
    this.overlay = "";
    /** @type {string | undefined} */
    this.wanted = undefined; // the overlay that the user or the page asked for
    this.asked = 0; // messages sent; an answer to an older one does not undo what the user did since
    /** @type {string | null} */
    this.pending = null; // the item whose opening or closing is not answered yet
    /** @type {string | null} */
    this.taking = null; // the search whose first hit is taken when it comes
    /** @type {SVGSVGElement | null} */
    this.svg = null;
    /** @type {Map<string, SVGElement>} */
    this.nodes = new Map();
    /** @type {Map<string, SVGElement>} */
    this.frames = new Map();
    /** @type {SVGElement[]} */
    this.edges = [];
    this.send = (/** @type {ViewState} */ _view) => {};
    this.minimap = new MiniMap(this);
    this.group = new Group(this);
    for (const begin of [listenPointer, listenKeys, listenTools, listenSearch]) begin(this);
  }

  /**
   * Show `data`; `send` takes what the user does next.
   * @param {GraphData} data
   * @param {(view: ViewState) => void} send
   */
  update(data, send) {
    const before = this.data;
    const sameNet = before !== NOTHING && before.of === data.of;
    const anchor = sameNet && this.camera.moved ? (this.pending ?? this.view.selected) : null;
    const anchoredAt = this.placeOf(anchor);
    const late = sameNet && (data.view.n ?? 0) < this.asked;
    const ledByPage = sameNet && !late && data.view.selected !== this.view.selected; // a row of the table, say
    this.data = data;
    this.send = send;
    if (!late) this.view = data.view;
    this.dress();
    if (before.svg !== data.svg) this.draw(sameNet && before.direction === data.direction, anchor, anchoredAt);
    this.chooseOverlay(before);
    paint(this);
    this.mark();
    if (before.download?.n !== data.download?.n && data.download) deliver(data.download);
    showFound(this);
    this.say(data.error);
    if (ledByPage && this.view.selected !== null) this.camera.show(this.boxOf(this.view.selected));
    if (data.reveal && before.reveal !== data.reveal) this.camera.centre(this.boxOf(data.view.selected));
    if (!late) {
      this.pending = null;
      this.root.classList.remove("busy");
    }
    this.root.dataset.ready = String(Number(this.root.dataset.ready ?? 0) + 1);
  }

  // Size, theme and words.
  dress() {
    const { data, root } = this;
    root.style.height = `var(--viewer-height, ${data.height}px)`; // a page that shows it on one screen sets the variable
    root.classList.toggle("narrow", root.clientWidth < 720);
    root.classList.toggle("figure", Boolean(data.figure));
    root.classList.toggle("dark", isDark(getComputedStyle(root).backgroundColor));
    if (data.figure) this.sheet.classList.toggle("widths", Boolean(data.widths)); // otherwise the user's own button decides
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-level]"))) {
      button.setAttribute("aria-pressed", String(button.dataset.level === data.view.level));
    }
    translateTemplate(root, (text) => this.word(text));
  }

  /**
   * The user's overlay, else the page's; times that have just come are what the user asked for.
   * @param {GraphData} before
   */
  chooseOverlay(before) {
    const { data } = this;
    if (this.wanted === undefined || before.overlay !== data.overlay) this.wanted = recall(data.key, "overlay") ?? data.overlay;
    if (before !== NOTHING && timesOf(data) && timesOf(before) !== timesOf(data)) this.wanted = "time";
    fillOverlays(this);
  }

  /**
   * `text` in the language of the page, with `values` in its {places}.
   * @param {string} text
   * @param {Record<string, string | number>} [values]
   */
  word(text, values = {}) {
    return filled(this.data.words?.[text] ?? text, values);
  }

  /**
   * @param {boolean} keep whether the camera stays
   * @param {string | null} anchor the item that must not move on the screen
   * @param {Point | undefined} anchoredAt where it was
   */
  draw(keep, anchor, anchoredAt) {
    const parsed = new DOMParser().parseFromString(this.data.svg, "image/svg+xml").documentElement;
    const svg = /** @type {SVGSVGElement} */ (document.importNode(/** @type {Element} */ (parsed), true));
    this.sheet.replaceChildren(svg);
    this.svg = svg;
    this.nodes = byId(svg, ".node");
    this.frames = byId(svg, ".frame[data-id]");
    this.edges = [...svg.querySelectorAll(".edge")].map((edge) => /** @type {SVGElement} */ (edge));
    svg.classList.toggle("big", this.nodes.size > 400);
    this.camera.figure = Boolean(this.data.figure);
    this.camera.size = [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height];
    const first = this.boxOf(this.nodes.keys().next().value ?? null);
    this.camera.start = first ? [first.x + first.width / 2, first.y + first.height / 2] : [0, 0];
    this.camera.sideways = this.data.direction === "LR";
    if (keep && this.camera.moved) this.camera.hold(anchoredAt, this.placeOf(anchor));
    else this.camera.home();
    this.minimap.draw();
    if (this.data.failed.length && !keep) this.camera.centre(this.boxOf(this.data.failed[0]));
  }

  /**
   * Where a box or frame has its top centre, in the picture's own pixels.
   * @param {string | null} id
   * @returns {Point | undefined}
   */
  placeOf(id) {
    const box = this.boxOf(id);
    return box && [box.x + box.width / 2, box.y];
  }

  /** @param {string | null} id */
  boxOf(id) {
    return id === null ? undefined : boxOf(this.nodes.get(id) ?? this.frames.get(id));
  }

  // --- what the user does --------------------------------------------------------------------------

  /** @param {Partial<ViewState>} change */
  tell(change) {
    this.asked += 1;
    this.view = { ...this.view, ...change, n: this.asked };
    this.root.classList.add("busy");
    this.send(this.view);
  }

  /** @param {string} id */
  toggle(id) {
    if (!this.data.items[id]?.opens) return;
    const open = new Set(this.view.open);
    if (!open.delete(id)) open.add(id);
    this.pending = id;
    this.camera.moved = true;
    this.tell({ open: [...open], level: "", selected: id });
    this.group.say({ toggled: id, open: open.has(id) });
  }

  /** @param {string} level */
  level(level) {
    this.camera.moved = false;
    this.tell({ level, open: [] });
    this.group.say({ level });
  }

  /**
   * @param {string | null} id
   * @param {string | null} ref
   */
  select(id, ref = null) {
    const same = this.view.selected === id && this.view.ref === ref;
    if (same && id !== null) return;
    this.view = { ...this.view, selected: id, ref };
    this.mark();
    this.tell({});
    this.group.say({ selected: id });
  }

  escape() {
    for (const panel of [only(this.root, ".menu"), only(this.root, ".help")]) panel.hidden = true;
    this.select(null);
  }

  // --- what is highlighted -------------------------------------------------------------------------
  mark() {
    const { selected, ref } = this.view;
    const near = new Set();
    for (const edge of this.edges) {
      const { from, to } = edge.dataset;
      const lit = ref ? edge.dataset.ref === ref : selected !== null && (from === selected || to === selected);
      edge.classList.toggle("lit", lit);
      if (lit) near.add(from).add(to);
    }
    const changed = new Set(this.data.changed);
    for (const [id, g] of this.nodes) {
      g.classList.toggle("selected", !ref && id === selected);
      g.classList.toggle("near", near.has(id));
      g.classList.toggle("changed", changed.has(id));
      g.classList.toggle("failed", this.data.failed.includes(id));
    }
    markDifferences(this);
    for (const [id, g] of this.frames) g.classList.toggle("selected", id === selected);
    this.svg?.classList.toggle("choosing", near.size > 0);
    showCard(this);
  }

  /** @param {string} sentence */
  say(sentence) {
    const line = only(this.root, ".say");
    line.hidden = !sentence;
    line.textContent = sentence;
  }
}

/**
 * @param {SVGSVGElement} svg
 * @param {string} selector
 * @returns {Map<string, SVGElement>}
 */
function byId(svg, selector) {
  return new Map([...svg.querySelectorAll(selector)].map((g) => /** @type {SVGElement} */ (g)).map((g) => [g.dataset.id ?? "", g]));
}

/** @param {GraphData} data */
const timesOf = (data) => data.overlays.find((o) => o.id === "time")?.label;

/**
 * The viewer of an element, made when it is first asked for.
 * @param {HTMLElement & { viewer?: Viewer }} root
 */
export const viewerOf = (root) => (root.viewer ??= new Viewer(root));
