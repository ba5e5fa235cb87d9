// The map of the families: years across, a band for each idea, a box for each family, a line for each idea that one took from another.

import { isDark, only, svgElement } from "../../kit/assets/dom.js";
import { Measures, NARROWEST, curve, kin } from "./geometry.js";

/** @import { Band, Box, FamilyEdge, FamilyNode, MapData } from "./types.d.ts" */
/** @typedef {FamilyEdge & { line: SVGElement, tip: SVGElement }} DrawnEdge */
/** @typedef {FamilyNode & { group: SVGElement }} DrawnNode */

class Atlas {
  /**
   * @param {HTMLElement} root
   * @param {MapData} data
   * @param {(family: string) => void} tell
   */
  constructor(root, data, tell) {
    this.root = root;
    this.data = data;
    this.tell = tell;
    this.dark = this.isDark();
    this.measures = new Measures(data, root.clientWidth);
    /** @type {Record<string, Box>} */
    this.boxes = {};
    /** @type {DrawnEdge[]} */
    this.edges = [];
    /** @type {DrawnNode[]} */
    this.nodes = [];
    this.draw();
    new ResizeObserver(() => {
      if (Math.abs(Math.max(root.clientWidth, NARROWEST) - this.measures.width) > 1) this.draw();
    }).observe(root);
  }

  /**
   * @param {MapData} data
   * @param {(family: string) => void} tell
   */
  update(data, tell) {
    const same = JSON.stringify(data) === JSON.stringify(this.data);
    this.data = data;
    this.tell = tell;
    const dark = this.isDark();
    if (same && dark === this.dark) return;
    this.dark = dark;
    this.draw();
  }

  // Streamlit's variable may name the colour in any notation; the browser computes it.
  isDark() {
    const sample = document.createElement("span");
    sample.style.color = getComputedStyle(this.root).getPropertyValue("--st-background-color");
    this.root.append(sample);
    const dark = isDark(getComputedStyle(sample).color);
    sample.remove();
    return dark;
  }

  draw() {
    const { data, root } = this;
    root.classList.toggle("dark", this.dark);
    this.measures = new Measures(data, root.clientWidth);
    const { width, height, font, top } = this.measures;
    const label = { role: "group", "aria-label": data.label };
    const svg = svgElement("svg", { viewBox: `0 0 ${width} ${height}`, width, height, ...label });
    svg.style.fontSize = `${font}px`;
    svg.append(...this.measures.bands.map((band) => this.drawBand(band)));
    for (const [year, share] of data.years) {
      const x = this.measures.x(share);
      svg.append(svgElement("line", { class: "grid", x1: x, x2: x, y1: top - 4, y2: height - 3 }));
      svg.append(svgElement("text", { class: "year", x: x + 3, y: font * 1.1, "font-size": "0.92em" }, String(year)));
    }
    this.boxes = Object.fromEntries(data.nodes.map((node) => [node.family, this.measures.box(node)]));
    this.edges = data.edges.map((edge) => this.drawEdge(edge, svg));
    this.nodes = data.nodes.map((node) => this.drawNode(node, svg));
    root.replaceChildren(svg);
    this.light();
  }

  /** @param {Band} band */
  drawBand(band) {
    const { width, font } = this.measures;
    const group = svgElement("g", { class: `i-${band.idea}` });
    group.append(svgElement("title", {}, band.sentence), svgElement("rect", { class: "band", x: 0, y: band.y, width, height: band.height, rx: 6 }));
    const lines = this.measures.wrapped(band.title);
    const first = band.y + band.height / 2 - (lines.length - 1) * font * 0.6;
    group.append(...lines.map((line, i) => svgElement("text", { class: "lane", x: 10, y: first + i * font * 1.2, dy: "0.35em" }, line)));
    return group;
  }

  /**
   * @param {FamilyEdge} edge
   * @param {SVGElement} svg
   * @returns {DrawnEdge}
   */
  drawEdge(edge, svg) {
    const { path, end } = curve(this.boxes[edge.source], this.boxes[edge.target]);
    const group = svgElement("g", { class: `i-${edge.idea}` });
    const line = svgElement("path", { class: `edge${edge.later ? " later" : ""}`, d: path });
    const tip = svgElement("path", { class: "tip", d: `M${end.x},${end.y} l-7,-3.6 v7.2 z` });
    group.append(line, tip);
    svg.append(group);
    return { ...edge, line, tip };
  }

  /**
   * @param {FamilyNode} node
   * @param {SVGElement} svg
   * @returns {DrawnNode}
   */
  drawNode(node, svg) {
    const { font } = this.measures;
    const { x, y, width, height } = this.boxes[node.family];
    const middle = y + height / 2;
    const label = { tabindex: 0, role: "button", "aria-label": `${node.title}, ${node.date}`, "data-family": node.family };
    const group = svgElement("g", { class: `node i-${node.lane}`, ...label });
    group.append(svgElement("title", {}, `${node.title} · ${node.date}\n${node.sentence}`), svgElement("rect", { x, y, width, height, rx: height / 2.6 }));
    node.ideas.forEach((idea, i) => {
      const dot = svgElement("g", { class: `i-${idea}` });
      dot.append(svgElement("circle", { cx: x + font * 0.75 + i * font * 0.5, cy: middle, r: font * (i ? 0.2 : 0.28) }));
      group.append(dot);
    });
    group.append(svgElement("text", { x: x + font * (1.2 + 0.5 * (node.ideas.length - 1)), y: middle, dy: "0.35em" }, node.title));
    this.listen(group, node.family);
    svg.append(group);
    return { ...node, group };
  }

  /**
   * @param {SVGElement} group
   * @param {string} family
   */
  listen(group, family) {
    const choose = () => this.tell(this.data.chosen === family ? "" : family);
    group.onclick = choose;
    group.onkeydown = (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      choose();
    };
    group.onmouseenter = group.onfocus = () => this.light(family);
    group.onmouseleave = group.onblur = () => this.light();
  }

  /**
   * Highlight the kin of the family under the pointer, else of the chosen one; without either, what a search found.
   * @param {string} [hovered]
   */
  light(hovered) {
    const centre = hovered ?? this.data.chosen;
    const near = centre ? kin(this.data.edges, centre) : this.data.hits && new Set(this.data.hits);
    for (const { family, group } of this.nodes) {
      group.classList.toggle("chosen", family === this.data.chosen);
      group.classList.toggle("dim", Boolean(near && !near.has(family)));
    }
    for (const { source, target, line, tip } of this.edges) {
      const lit = Boolean(centre) && (source === centre || target === centre);
      const dim = Boolean(near && !(near.has(source) && near.has(target))) && !lit;
      for (const part of [line, tip]) {
        part.classList.toggle("lit", lit);
        part.classList.toggle("dim", dim);
      }
    }
  }
}

/** @param {{ data: MapData, parentElement: HTMLElement, setTriggerValue: (name: string, value: string) => void }} component */
export default function ({ data, parentElement, setTriggerValue }) {
  const root = /** @type {HTMLElement & { atlas?: Atlas }} */ (only(parentElement, ".atlas"));
  const tell = (/** @type {string} */ family) => setTriggerValue("family", family);
  if (root.atlas) root.atlas.update(data, tell);
  else root.atlas = new Atlas(root, data, tell);
}
