// Marks of a comparison: a colour for each box and frame, and a sign for each box that differs.

import { svgElement } from "../../kit/assets/dom.js";
import { boxOf } from "./geometry.js";

/** @import { Viewer } from "./viewer.js" */

/** @type {Record<string, string>} */
export const SIGNS = { added: "+", removed: "−", changed: "≠", equal: "=" };

/** @param {Viewer} viewer */
export function markDifferences(viewer) {
  const { marks } = viewer.data;
  for (const [id, g] of [...viewer.nodes, ...viewer.frames]) {
    g.classList.remove(...Object.keys(SIGNS).map((mark) => `mark-${mark}`));
    g.querySelectorAll(".difference").forEach((old) => old.remove());
    const mark = marks[id];
    if (!mark) continue;
    g.classList.add(`mark-${mark}`);
    if (mark !== "equal" && viewer.nodes.has(id)) addSign(g, SIGNS[mark]);
  }
}

/**
 * @param {SVGElement} g
 * @param {string} sign
 */
function addSign(g, sign) {
  const box = boxOf(g);
  if (!box) return;
  const disc = svgElement("circle", { class: "difference disc", cx: box.x + 2, cy: box.y + 2, r: 8.5 });
  const text = svgElement("text", { class: "difference", x: box.x + 2, y: box.y + 6.6, "text-anchor": "middle" }, sign);
  g.append(disc, text);
}
