// The graph viewer. The server lays out what is open; everything else (pan, zoom, colours, selection, keys) happens here.
// `view` is what the server must know: what is open, what is selected, what is looked for. It is sent whole, so no message can be lost.

class Viewer {
  constructor(root) {
    this.root = root;
    this.stage = root.querySelector(".stage");
    this.sheet = root.querySelector(".sheet");
    this.camera = new Camera(this.stage, this.sheet);
    this.camera.narrowed = () => this.camera.show(this.boxOf(this.view.selected));
    this.data = {};
    this.view = {};
    this.asked = 0; // messages sent; an answer to an older one does not undo what a person did since
    this.nodes = new Map();
    this.group = new Group(this);
    for (const begin of [listenPointer, listenKeys, listenTools, listenSearch]) begin(this);
  }

  update(data, send) {
    const before = this.data;
    this.data = data;
    this.send = send;
    const sameNet = before.of === data.of;
    const anchor = sameNet && this.camera.moved ? this.anchorOf(this.pending ?? this.view.selected) : null;
    const late = sameNet && data.view.n < this.asked;
    const led = before.view && sameNet && !late && data.view.selected !== this.view.selected; // the page selected, a table's row say
    if (!late) this.view = data.view;
    this.root.style.height = `${data.height}px`;
    this.root.classList.toggle("narrow", this.root.clientWidth < 720);
    this.root.classList.toggle("figure", Boolean(data.figure));
    this.translate();
    if (data.figure) this.sheet.classList.toggle("widths", Boolean(data.widths)); // else the person's own button says
    this.root.classList.toggle("dark", isDark(this.root));
    if (before.svg !== data.svg) this.draw(anchor, sameNet && before.direction === data.direction);
    if (this.wanted === undefined || before.overlay !== data.overlay) this.wanted = recall(data.key, "overlay") ?? data.overlay;
    if (before.overlays && timesOf(data) && timesOf(before) !== timesOf(data)) this.wanted = "time"; // a person asked for them just now
    fillOverlays(this);
    paint(this);
    this.mark();
    if (before.download?.n !== data.download?.n && data.download) deliver(data.download);
    showFound(this);
    this.say(data.error);
    this.root.querySelectorAll("[data-level]").forEach((b) => b.setAttribute("aria-pressed", b.dataset.level === data.view.level));
    if (led && this.view.selected !== null) this.camera.show(this.boxOf(this.view.selected));
    if (data.reveal && before.reveal !== data.reveal) this.camera.centre(this.boxOf(data.view.selected));
    if (!late) {
      this.pending = null;
      this.root.classList.remove("busy");
    }
    this.root.dataset.ready = String(Number(this.root.dataset.ready ?? 0) + 1);
  }

  word(text) {
    return this.data.words?.[text] ?? text;
  }

  translate() {
    for (const button of this.root.querySelectorAll("[data-level]")) button.textContent = this.word((button.dataset.said ??= button.textContent));
    for (const button of this.root.querySelectorAll("[data-tool]")) button.title = this.word((button.dataset.said ??= button.title));
  }

  draw(anchor, keep) {
    const parsed = new DOMParser().parseFromString(this.data.svg, "image/svg+xml").documentElement;
    const svg = document.importNode(parsed, true);
    this.sheet.replaceChildren(svg);
    this.svg = svg;
    this.nodes = new Map([...svg.querySelectorAll(".node")].map((g) => [g.dataset.id, g]));
    this.frames = new Map([...svg.querySelectorAll(".frame")].map((g) => [g.dataset.id, g]));
    this.edges = [...svg.querySelectorAll(".edge")];
    svg.classList.toggle("big", this.nodes.size > 400);
    this.camera.figure = Boolean(this.data.figure);
    this.camera.size = [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height];
    const first = this.boxOf(this.nodes.keys().next().value);
    this.camera.start = first ? [first.x + first.width / 2, first.y + first.height / 2] : [0, 0];
    this.camera.sideways = this.data.direction === "LR";
    if (keep && this.camera.moved) this.camera.hold(anchor, anchor && this.placeOf(anchor.id));
    else this.camera.home();
    if (this.data.failed.length && !keep) this.camera.centre(this.boxOf(this.data.failed[0]));
  }

  // Where an item (box or frame) has its top centre, in the picture's own pixels.
  placeOf(id) {
    const box = this.boxOf(id);
    return box && [box.x + box.width / 2, box.y];
  }

  boxOf(id) {
    return boxOf(this.nodes.get(id) ?? this.frames?.get(id));
  }

  anchorOf(id) {
    const place = id !== undefined && id !== null && this.placeOf(id);
    return place ? { id, place } : null;
  }

  // --- what a person does -------------------------------------------------------------------------
  tell(change) {
    this.asked += 1;
    this.view = { ...this.view, ...change, n: this.asked };
    this.root.classList.add("busy");
    this.send(this.view);
  }

  toggle(id) {
    const item = this.data.items[id];
    if (!item?.opens) return;
    const open = new Set(this.view.open);
    if (!open.delete(id)) open.add(id);
    this.pending = id;
    this.camera.moved = true;
    this.tell({ open: [...open], level: "", selected: id });
    this.group.say({ toggled: id, open: open.has(id) });
  }

  level(level) {
    this.camera.moved = false;
    this.tell({ level, open: [] });
    this.group.say({ level });
  }

  select(id, ref = null) {
    const same = this.view.selected === id && this.view.ref === ref;
    if (same && id !== null) return;
    this.view = { ...this.view, selected: id, ref };
    this.mark();
    this.tell({});
    this.group.say({ selected: id });
  }

  escape() {
    this.root.querySelectorAll(".menu, .help").forEach((panel) => (panel.hidden = true));
    this.select(null);
  }

  // --- what is lit ---------------------------------------------------------------------------------
  mark() {
    const { selected, ref } = this.view;
    const near = new Set();
    for (const edge of this.edges ?? []) {
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
    for (const [id, g] of this.frames ?? []) g.classList.toggle("selected", id === selected);
    this.svg?.classList.toggle("choosing", near.size > 0);
    showCard(this);
  }

  say(sentence) {
    const line = this.root.querySelector(".say");
    line.hidden = !sentence;
    line.textContent = sentence ?? "";
  }
}

// Where a box or a frame stands in the picture, as the layout said: asking the browser would make it lay out everything anew.
function boxOf(g) {
  if (!g) return undefined;
  const [x, y, width, height] = g.dataset.box.split(" ").map(Number);
  return { x, y, width, height };
}

function isDark(root) {
  const [r, g, b] = rgbOf(getComputedStyle(root).backgroundColor);
  return 0.299 * r + 0.587 * g + 0.114 * b < 128;
}

const timesOf = (data) => data.overlays.find((o) => o.id === "time")?.label;

// What a person chose outlives a page's reload; where the browser keeps nothing, the choice lives as long as the page.
const remember = (key, name, value) => stored(() => sessionStorage.setItem(`graph.${key}.${name}`, value));
const recall = (key, name) => stored(() => sessionStorage.getItem(`graph.${key}.${name}`));

function stored(use) {
  try {
    return use();
  } catch {
    return null;
  }
}

function element(tag, text = "", className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}
