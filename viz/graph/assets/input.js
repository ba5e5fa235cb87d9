// Pointer, keys and buttons. The listeners sit on the viewer's own elements and go when it goes.

function listen(pairs) {
  for (const [target, name, act, options] of pairs) target.addEventListener(name, act, options);
}

const BADGE = ".badge, .badge-sign, .badge-room";

function listenPointer(viewer) {
  const { stage, camera } = viewer;
  const fingers = new Map();
  let travelled = 0;
  const at = (e) => {
    const box = stage.getBoundingClientRect();
    return [e.clientX - box.left, e.clientY - box.top];
  };
  const spread = () => {
    const [a, b] = [...fingers.values()];
    return Math.hypot(a[0] - b[0], a[1] - b[1]);
  };
  const down = (e) => {
    if (e.button > 0 || e.target.closest(".zoom")) return;
    fingers.set(e.pointerId, at(e));
    travelled = 0;
  };
  const move = (e) => {
    const from = fingers.get(e.pointerId);
    if (!from) return;
    const to = at(e);
    const before = fingers.size === 2 ? spread() : 0;
    fingers.set(e.pointerId, to);
    travelled += Math.abs(to[0] - from[0]) + Math.abs(to[1] - from[1]);
    if (fingers.size === 2) camera.zoom(spread() / before, to);
    else if (travelled > 4) {
      stage.setPointerCapture(e.pointerId);
      stage.classList.add("dragging");
      camera.pan(to[0] - from[0], to[1] - from[1]);
    }
  };
  const up = (e) => {
    fingers.delete(e.pointerId);
    stage.classList.remove("dragging");
  };
  const click = (e) => {
    if (e.target.closest(".zoom")) return;
    viewer.root.focus({ preventScroll: true });
    if (travelled > 4) return;
    const badge = e.target.closest(BADGE);
    const holder = e.target.closest("[data-id]");
    const edge = e.target.closest(".edge");
    if (badge && holder) viewer.toggle(holder.dataset.id);
    else if (holder && !e.target.classList.contains("frame")) viewer.select(holder.dataset.id);
    else if (edge) viewer.select(edge.dataset.from, edge.dataset.ref);
    else viewer.select(null);
  };
  const twice = (e) => {
    const holder = e.target.closest("[data-id]");
    if (holder && !e.target.closest(BADGE)) viewer.toggle(holder.dataset.id);
  };
  const wheel = (e) => {
    const active = e.ctrlKey || e.metaKey || viewer.root.matches(":focus-within") || viewer.root.matches(":fullscreen");
    viewer.root.querySelector(".hint").hidden = active;
    if (!active) return;
    e.preventDefault();
    camera.zoom(Math.exp(-Math.max(-60, Math.min(60, e.deltaY)) * (e.ctrlKey ? 0.012 : 0.004)), at(e));
  };
  listen([
    [stage, "pointerdown", down], [stage, "pointermove", move], [stage, "pointerup", up], [stage, "pointercancel", up], [stage, "click", click],
    [stage, "dblclick", twice], [stage, "wheel", wheel, { passive: false }], [stage, "pointerleave", () => (viewer.root.querySelector(".hint").hidden = true)],
  ]);
}

const STEPS = { ArrowDown: [0, 1], ArrowUp: [0, -1], ArrowRight: [1, 0], ArrowLeft: [-1, 0] };

function listenKeys(viewer) {
  const key = (e) => {
    if (e.composedPath()[0].matches?.("input, select, button")) return;
    const { camera } = viewer;
    const acts = {
      "+": () => camera.zoom(1.25, null, true), "=": () => camera.zoom(1.25, null, true), "-": () => camera.zoom(0.8, null, true), 0: () => camera.fit(),
      "/": () => viewer.root.querySelector(".search").focus(), Enter: () => viewer.toggle(viewer.view.selected), Escape: () => viewer.escape(),
    };
    const act = e.key in STEPS ? () => step(viewer, STEPS[e.key]) : acts[e.key];
    if (!act || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    e.stopPropagation();
    act();
  };
  listen([[viewer.root, "keydown", key]]);
}

// Along the graph's direction an arrow follows an edge; across it, it goes to the nearest box that way.
function step(viewer, [dx, dy]) {
  const from = viewer.view.selected;
  if (!viewer.nodes.has(from)) return viewer.select(viewer.nodes.keys().next().value);
  const along = viewer.camera.sideways ? dx : dy;
  const ends = viewer.edges.filter((e) => e.dataset[along > 0 ? "from" : "to"] === from).map((e) => e.dataset[along > 0 ? "to" : "from"]);
  const to = along ? nearest(viewer, from, ends) : nearest(viewer, from, [...viewer.nodes.keys()].filter((id) => beside(viewer, from, id, [dx, dy])));
  if (to === undefined) return;
  viewer.select(to);
  viewer.camera.show(viewer.boxOf(to));
}

function middle(viewer, id) {
  const box = viewer.boxOf(id);
  return [box.x + box.width / 2, box.y + box.height / 2];
}

function beside(viewer, from, to, [dx, dy]) {
  const [a, b] = [middle(viewer, from), middle(viewer, to)];
  const ahead = (b[0] - a[0]) * dx + (b[1] - a[1]) * dy;
  return ahead > 4 && Math.abs((b[0] - a[0]) * dy + (b[1] - a[1]) * dx) < ahead;
}

function nearest(viewer, from, ids) {
  const [x, y] = middle(viewer, from);
  const far = (id) => Math.hypot(middle(viewer, id)[0] - x, middle(viewer, id)[1] - y);
  return ids.filter((id) => viewer.nodes.has(id)).sort((a, b) => far(a) - far(b))[0];
}

const HELP = [
  ["click", "select; on + or − open and close"], ["double click", "open or close"], ["click a line", "its producer and its readers"], ["drag, wheel", "move, zoom"],
  ["← ↑ ↓ →", "along the lines"], ["Enter", "open or close"], ["/", "find"], ["+  −  0", "zoom in, out, whole picture"], ["Esc", "select nothing"],
];

function listenTools(viewer) {
  const { root, camera } = viewer;
  const [menu, help] = [root.querySelector(".menu"), root.querySelector(".help")];
  for (const [keys, act] of HELP) help.append(element("kbd", keys), element("span", act));
  for (const [format, label] of FORMATS) {
    const entry = element("button", label);
    entry.dataset.format = format;
    menu.append(entry);
  }
  const tools = {
    in: () => camera.zoom(1.25, null, true), out: () => camera.zoom(0.8, null, true), fit: () => camera.fit(), save: () => (menu.hidden = !menu.hidden),
    help: () => (help.hidden = !help.hidden),
    full: () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()),
    direction: () => viewer.tell({ direction: viewer.data.direction === "TB" ? "LR" : "TB" }),
    widths: (button) => button.setAttribute("aria-pressed", viewer.sheet.classList.toggle("widths")),
  };
  const click = (e) => {
    const button = e.target.closest("button");
    if (button?.dataset.tool !== "save") menu.hidden = true;
    if (button?.dataset.tool !== "help") help.hidden = true;
    if (button?.dataset.tool) tools[button.dataset.tool](button);
    else if (button?.dataset.level) viewer.level(button.dataset.level);
    else if (button?.dataset.format) order(viewer, button.dataset.format);
  };
  const choose = (e) => {
    if (!e.target.matches("select.overlay")) return;
    viewer.overlay = viewer.wanted = e.target.value;
    remember(viewer.data.key, "overlay", viewer.overlay);
    paint(viewer);
    root.focus({ preventScroll: true });
  };
  listen([[root, "click", click], [root, "change", choose]]);
}
