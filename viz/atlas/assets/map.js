// The map of the families: years across, a band for each idea, a box for each family, a line for each thing that was taken.
const SVG = "http://www.w3.org/2000/svg";

function make(name, attributes, parent, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  parent?.append(made);
  return made;
}

function isDark(element) {
  const probe = document.createElement("span");
  probe.style.color = getComputedStyle(element).getPropertyValue("--st-background-color");
  element.append(probe);
  const [r, g, b] = getComputedStyle(probe).color.match(/[\d.]+/g).map(Number);
  probe.remove();
  return 0.3 * r + 0.59 * g + 0.11 * b < 128;
}

const NARROWEST = 760; // pixels; a phone scrolls the map sideways

class Atlas {
  constructor(root) {
    this.root = root;
    this.width = 0;
    new ResizeObserver(() => {
      if (this.data && Math.abs(Math.max(root.clientWidth, NARROWEST) - this.width) > 1) this.draw();
    }).observe(root);
  }

  update(data, tell) {
    const same = JSON.stringify(data) === JSON.stringify(this.data);
    this.data = data;
    this.tell = tell;
    const dark = isDark(this.root);
    if (same && dark === this.dark && this.svg) return;
    this.dark = dark;
    this.root.classList.toggle("dark", dark);
    this.draw();
  }

  // Pixels: text grows a little with the width, so that a projector shows more than a stretched laptop.
  measure() {
    this.width = Math.max(this.root.clientWidth, NARROWEST);
    this.gutter = Math.min(150, 96 + this.width * 0.03);
    this.inner = this.width - this.gutter - 4;
    this.font = Math.min(17, Math.max(9, (12.2 * this.inner) / this.data.narrowest));
    if (this.inner > 760) this.font = Math.min(17, 12.6 + (this.inner - 760) / 160);
    this.row = this.font * 2.35;
    this.pad = this.font * 0.55;
    this.top = this.font * 1.9;
    let y = this.top;
    this.bands = this.data.lanes.map((lane) => {
      const band = { ...lane, y, height: lane.rows * this.row + 2 * this.pad };
      y += band.height + 3;
      return band;
    });
    this.height = y;
  }

  x(share) { return this.gutter + share * this.inner; }

  y(node) {
    const band = this.bands.find((b) => b.idea === node.lane);
    return band.y + this.pad + (node.row - band.row) * this.row + this.row / 2;
  }

  box(node) {
    const width = node.title.length * this.font * 0.545 + this.font * 1.55 + (node.ideas.length - 1) * this.font * 0.5;
    const share = Math.max(width, this.font * 3.4);
    return { x: Math.min(this.x(node.x), this.width - share - 2), y: this.y(node) - this.row * 0.4, width: share, height: this.row * 0.8 };
  }

  draw() {
    this.measure();
    this.svg?.remove();
    this.svg = make("svg", { viewBox: `0 0 ${this.width} ${this.height}`, width: this.width, height: this.height, role: "group", "aria-label": "Families in time, by idea" }, this.root);
    this.svg.style.fontSize = `${this.font}px`;
    for (const band of this.bands) this.drawBand(band);
    this.data.years.forEach(([year, at]) => {
      make("line", { class: "grid", x1: this.x(at), x2: this.x(at), y1: this.top - 4, y2: this.height - 3 }, this.svg);
      make("text", { class: "year", x: this.x(at) + 3, y: this.font * 1.1, "font-size": "0.92em" }, this.svg, year);
    });
    this.boxes = Object.fromEntries(this.data.nodes.map((node) => [node.family, this.box(node)]));
    this.edges = this.data.edges.map((edge) => this.drawEdge(edge));
    this.nodes = this.data.nodes.map((node) => this.drawNode(node));
    this.light();
  }

  drawBand(band) {
    const group = make("g", { class: `i-${band.idea}` }, this.svg);
    make("title", {}, group, band.sentence);
    make("rect", { class: "band", x: 0, y: band.y, width: this.width, height: band.height, rx: 6 }, group);
    const words = this.wrapped(band.title);
    const middle = band.y + band.height / 2 - (words.length - 1) * this.font * 0.6;
    words.forEach((line, i) => make("text", { class: "lane", x: 10, y: middle + i * this.font * 1.2, dy: "0.35em" }, group, line));
  }

  wrapped(title) {
    const most = Math.floor((this.gutter - 12) / (this.font * 0.56));
    const lines = [""];
    for (const word of title.split(" ")) {
      const last = lines[lines.length - 1];
      if ((last + " " + word).trim().length > most && last) lines.push(word);
      else lines[lines.length - 1] = (last + " " + word).trim();
    }
    return lines;
  }

  drawEdge(edge) {
    const from = this.boxes[edge.source], to = this.boxes[edge.target];
    const back = to.x < from.x + 6;
    const start = { x: from.x + (back ? from.width / 2 : Math.min(from.width, to.x - from.x > from.width + 8 ? from.width : from.width / 2)), y: from.y + from.height / 2 };
    const end = { x: to.x - 1, y: to.y + to.height / 2 };
    const inside = start.x < from.x + from.width; // the line leaves below or above the box, not out of its side
    if (inside) start.y += (end.y > start.y ? 1 : -1) * from.height / 2;
    const bend = Math.max(18, Math.abs(end.x - start.x) * 0.45);
    const path = inside
      ? `M${start.x},${start.y} C${start.x},${(start.y + end.y) / 2} ${end.x - bend},${end.y} ${end.x},${end.y}`
      : `M${start.x},${start.y} C${start.x + bend},${start.y} ${end.x - bend},${end.y} ${end.x},${end.y}`;
    const group = make("g", { class: `i-${edge.idea}` }, this.svg);
    const line = make("path", { class: "edge" + (edge.later ? " later" : ""), d: path }, group);
    const tip = make("path", { class: "tip", d: `M${end.x},${end.y} l-7,-3.6 v7.2 z` }, group);
    return { ...edge, line, tip };
  }

  drawNode(node) {
    const { x, y, width, height } = this.boxes[node.family];
    const group = make("g", { class: `node i-${node.lane}`, tabindex: 0, role: "button", "aria-label": `${node.title}, ${node.date}`, "data-family": node.family }, this.svg);
    make("title", {}, group, `${node.title} · ${node.date}\n${node.sentence}`);
    make("rect", { x, y, width, height, rx: height / 2.6 }, group);
    node.ideas.forEach((idea, i) => {
      const dot = make("g", { class: `i-${idea}` }, group);
      make("circle", { cx: x + this.font * 0.75 + i * this.font * 0.5, cy: y + height / 2, r: this.font * (i ? 0.2 : 0.28) }, dot);
    });
    make("text", { x: x + this.font * (1.2 + 0.5 * (node.ideas.length - 1)), y: y + height / 2, dy: "0.35em" }, group, node.title);
    const choose = () => this.tell(this.data.chosen === node.family ? "" : node.family);
    group.onclick = choose;
    group.onkeydown = (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(); } };
    group.onmouseenter = group.onfocus = () => this.light(node.family);
    group.onmouseleave = group.onblur = () => this.light();
    return { ...node, group };
  }

  // What leads to a family and what came of it, all the way.
  kin(family) {
    const found = new Set([family]);
    for (const [here, there] of [["target", "source"], ["source", "target"]]) {
      const walk = [family];
      while (walk.length) {
        const at = walk.pop();
        for (const edge of this.edges) {
          if (!edge.later && edge[here] === at && !found.has(edge[there])) { found.add(edge[there]); walk.push(edge[there]); }
        }
      }
    }
    return found;
  }

  light(hovered) {
    const centre = hovered ?? this.data.chosen;
    const kin = centre ? this.kin(centre) : null;
    const hits = this.data.hits && new Set(this.data.hits);
    for (const { family, group } of this.nodes) {
      group.classList.toggle("chosen", family === this.data.chosen);
      group.classList.toggle("dim", Boolean((kin && !kin.has(family)) || (!kin && hits && !hits.has(family))));
    }
    for (const { source, target, line, tip } of this.edges) {
      const near = centre && (source === centre || target === centre);
      const far = (kin && !(kin.has(source) && kin.has(target))) || (!kin && hits && !(hits.has(source) && hits.has(target)));
      for (const part of [line, tip]) {
        part.classList.toggle("lit", Boolean(near));
        part.classList.toggle("dim", Boolean(far && !near));
      }
    }
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".atlas");
  root.atlas ??= new Atlas(root);
  root.atlas.update(data, (family) => setTriggerValue("family", family));
}
