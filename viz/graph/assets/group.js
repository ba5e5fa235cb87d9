// Graphs of one group on a page move, open and select in step. They talk through events of the window and know each other by item ids.

const APART = 60;

class Group {
  constructor(viewer) {
    this.viewer = viewer;
    this.following = false;
    viewer.camera.moves = () => viewer.data.group && this.say({ place: this.place() });
    const hear = (e) => (viewer.root.isConnected ? this.hear(e.detail) : window.removeEventListener("architecture-graph", hear));
    window.addEventListener("architecture-graph", hear);
  }

  say(what) {
    const { group, key } = this.viewer.data;
    if (group && !this.following) window.dispatchEvent(new CustomEvent("architecture-graph", { detail: { group, key, ...what } }));
  }

  hear(said) {
    const { group, key } = this.viewer.data;
    if (!group || said.group !== group || said.key === key) return;
    // What asks the server waits: Streamlit takes the wishes of one moment for those of one graph.
    if (said.place) this.obey(said);
    else setTimeout(() => this.obey(said), APART);
  }

  obey({ place, selected, toggled, open, level }) {
    const { viewer } = this;
    this.following = true;
    if (place) this.follow(place);
    else if (level) viewer.level(level);
    else if (toggled !== undefined && viewer.data.items[toggled]?.opens && viewer.view.open.includes(toggled) !== open) viewer.toggle(toggled);
    else if (selected !== undefined && (selected === null || viewer.data.items[selected])) viewer.select(selected);
    this.following = false;
  }

  // What stands nearest to the middle of the window, and where; and the same as shares of the picture, for graphs that lack it.
  place() {
    const { camera, stage, nodes } = this.viewer;
    const middle = [(stage.clientWidth / 2 - camera.x) / camera.k, (stage.clientHeight / 2 - camera.y) / camera.k];
    const near = [...nodes.keys()].map((id) => [id, this.viewer.placeOf(id)]).sort((a, b) => far(a[1], middle) - far(b[1], middle));
    return { k: camera.k, items: near.slice(0, 12).map(([id, [x, y]]) => [id, x * camera.k + camera.x, y * camera.k + camera.y]), share: middle.map((v, i) => v / camera.size[i]) };
  }

  follow({ k, items, share }) {
    const { camera, stage } = this.viewer;
    const known = items.find(([id]) => this.viewer.nodes.has(id));
    camera.k = k;
    if (known) {
      const [x, y] = this.viewer.placeOf(known[0]);
      [camera.x, camera.y] = [known[1] - x * k, known[2] - y * k];
    } else [camera.x, camera.y] = [stage.clientWidth / 2 - share[0] * camera.size[0] * k, stage.clientHeight / 2 - share[1] * camera.size[1] * k];
    camera.moved = true;
    camera.apply();
  }
}

const far = ([ax, ay], [bx, by]) => Math.hypot(ax - bx, ay - by);

// --- marks of a comparison ------------------------------------------------------------------------

const SIGNS = { added: "+", removed: "−", changed: "≠" };

function markDifferences(viewer) {
  const { marks } = viewer.data;
  for (const [id, g] of [...viewer.nodes, ...(viewer.frames ?? [])]) {
    g.classList.remove("mark-added", "mark-removed", "mark-changed", "mark-equal");
    g.querySelectorAll(".difference").forEach((old) => old.remove());
    const mark = marks[id];
    if (!mark) continue;
    g.classList.add(`mark-${mark}`);
    if (SIGNS[mark] && viewer.nodes.has(id)) addSign(g, SIGNS[mark]);
  }
}

function addSign(g, sign) {
  const box = boxOf(g);
  const disc = drawn("circle", { class: "difference disc", cx: box.x + 2, cy: box.y + 2, r: 8.5 });
  const text = drawn("text", { class: "difference", x: box.x + 2, y: box.y + 6.6, "text-anchor": "middle" });
  text.textContent = sign;
  g.append(disc, text);
}

function drawn(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
