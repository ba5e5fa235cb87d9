// Colours by kind or by cost, and the legend. No new layout: a box's fill, ink and bar are set in place.

import { element, only, svgElement } from "../../kit/assets/dom.js";
import { luminance, rampAt, scalePosition } from "./colours.js";
import { SIGNS } from "./differences.js";
import { boxOf } from "./geometry.js";
import { quantity } from "./quantities.js";

/** @import { GraphData } from "./types.d.ts" */
/** @import { Viewer } from "./viewer.js" */

/** @param {Viewer} viewer */
export function fillOverlays(viewer) {
  const select = /** @type {HTMLSelectElement} */ (only(viewer.root, "select.overlay"));
  const { overlays } = viewer.data;
  const ids = overlays.map((o) => viewer.word(o.label)).join();
  if (select.dataset.options !== ids) {
    select.dataset.options = ids;
    select.replaceChildren(...overlays.map((o) => Object.assign(element("option", viewer.word(o.label)), { value: o.id })));
  }
  viewer.overlay = overlays.some((o) => o.id === viewer.wanted) ? (viewer.wanted ?? "") : ""; // one that is missing now may come back
  select.value = viewer.overlay;
}

/**
 * The largest value of overlay `by`: the page's where graphs share one scale, else that of the visible items.
 * @param {Pick<GraphData, "scale" | "items">} data
 * @param {string} by
 * @param {Iterable<string>} visible
 */
export function largest(data, by, visible) {
  return data.scale[by] ?? Math.max(0, ...[...visible].map((id) => data.items[id].m[by] ?? 0));
}

/** @param {Viewer} viewer */
export function paint(viewer) {
  const { overlay, data } = viewer;
  const most = overlay ? largest(data, overlay, viewer.nodes.keys()) : 0;
  const stops = data.ramp[viewer.root.classList.contains("dark") ? 1 : 0];
  viewer.svg?.classList.toggle("costs", Boolean(overlay));
  viewer.svg?.querySelectorAll(".share").forEach((bar) => bar.remove());
  for (const [id, g] of viewer.nodes) {
    const item = data.items[id];
    const value = overlay && item.k !== "input" && item.k !== "output" ? item.m[overlay] : null;
    g.classList.toggle("empty", Boolean(overlay) && value == null);
    if (value == null) {
      g.style.removeProperty("--fill");
      g.style.removeProperty("--ink");
      continue;
    }
    const rgb = rampAt(stops, scalePosition(value, most));
    g.style.setProperty("--fill", `rgb(${rgb.join()})`);
    g.style.setProperty("--ink", luminance(rgb) > 0.3 ? "#14171c" : "#ffffff");
    if (most > 0) addShare(g, value / most);
  }
  drawLegend(viewer, most, stops);
}

/**
 * A bar as long as the box's share of the largest value.
 * @param {SVGElement} g
 * @param {number} share
 */
function addShare(g, share) {
  const box = boxOf(g);
  const room = (box?.width ?? 0) - 20;
  if (!box || room < 20 || room * share < 2) return;
  const bar = { class: "share", x: box.x + 10, y: box.y + box.height - 7, width: Math.max(room * Math.min(share, 1), 1), height: 3, rx: 1.5 };
  g.querySelector(".body")?.after(svgElement("rect", bar));
}

/**
 * @param {Viewer} viewer
 * @param {number} most
 * @param {string[]} stops
 */
function drawLegend(viewer, most, stops) {
  const { data } = viewer;
  const legend = only(viewer.root, ".legend");
  const chosen = data.overlays.find((o) => o.id && o.id === viewer.overlay);
  if (!chosen) {
    const shortcut = viewer.svg?.querySelector(".edge.residual") ? [chip("path-residual", viewer.word("shortcut"))] : [];
    legend.replaceChildren(...Object.entries(data.kinds).map(([kind, name]) => chip(`k-${kind}`, viewer.word(name))), ...shortcut, ...noteChips(viewer));
    return;
  }
  const strip = element("span", "", "strip");
  strip.style.background = `linear-gradient(90deg, ${stops.join()})`;
  const half = most / 4; // the value at the strip's middle, as colours run with the square root
  const said = `${viewer.word("middle")} ${quantity(half, chosen.unit)}, ${viewer.word("maximum")} ${quantity(most, chosen.unit)}`;
  legend.replaceChildren(element("b", viewer.word(chosen.label)), element("span", "0"), strip, element("span", said), ...noteChips(viewer));
}

/** @param {Viewer} viewer */
function noteChips(viewer) {
  const { changed, failed, marks } = viewer.data;
  const present = new Set(Object.values(marks));
  return [
    ...(changed.length ? [chip("changed", viewer.word("changed by the last edit"))] : []),
    ...(failed.length ? [chip("failed", viewer.word("fails here"))] : []),
    ...Object.keys(SIGNS).filter((mark) => present.has(mark)).map((mark) => chip(`mark mark-${mark}`, `${SIGNS[mark]} ${viewer.word(mark)}`)),
  ];
}

/**
 * @param {string} className
 * @param {string} text
 */
function chip(className, text) {
  const made = element("span", text, `chip ${className}`);
  made.prepend(element("i"));
  return made;
}
