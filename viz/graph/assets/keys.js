// Keys: along the lines, open and close, zoom, search.

import { listen, only } from "../../kit/assets/dom.js";
import { centreOf, liesTowards, nearest } from "./geometry.js";

/** @import { Point } from "./types.d.ts" */
/** @import { Viewer } from "./viewer.js" */

/** @type {Record<string, Point>} */
const DIRECTIONS = { ArrowDown: [0, 1], ArrowUp: [0, -1], ArrowRight: [1, 0], ArrowLeft: [-1, 0] };

/** @param {Viewer} viewer */
export function listenKeys(viewer) {
  const { camera, root } = viewer;
  /** @type {Record<string, () => void>} */
  const acts = {
    "+": () => camera.zoom(1.25),
    "=": () => camera.zoom(1.25),
    "-": () => camera.zoom(0.8),
    0: () => camera.fit(),
    "/": () => only(root, ".search").focus(),
    Enter: () => {
      if (viewer.view.selected !== null) viewer.toggle(viewer.view.selected);
    },
    Escape: () => viewer.escape(),
  };
  listen(root, {
    keydown: (e) => {
      const typing = /** @type {Element} */ (e.composedPath()[0]).matches?.("input, select, button");
      const act = e.key in DIRECTIONS ? () => step(viewer, DIRECTIONS[e.key]) : acts[e.key];
      if (typing || !act || e.ctrlKey || e.metaKey || e.altKey) return;
      e.preventDefault();
      e.stopPropagation();
      act();
    },
  });
}

/**
 * Along the graph's direction an arrow key follows an edge; across it, it goes to the nearest box that way.
 * @param {Viewer} viewer
 * @param {Point} direction
 */
function step(viewer, direction) {
  const from = viewer.view.selected;
  if (from === null || !viewer.nodes.has(from)) {
    viewer.select(viewer.nodes.keys().next().value ?? null);
    return;
  }
  const along = direction[viewer.camera.sideways ? 0 : 1];
  const to = along ? nextAlong(viewer, from, along > 0) : nextAside(viewer, from, direction);
  if (to === undefined) return;
  viewer.select(to);
  viewer.camera.show(viewer.boxOf(to));
}

/**
 * @param {Viewer} viewer
 * @param {string} from
 * @param {boolean} forwards
 */
function nextAlong(viewer, from, forwards) {
  const [near, far] = forwards ? ["from", "to"] : ["to", "from"];
  const ends = new Set(viewer.edges.filter((e) => e.dataset[near] === from).map((e) => e.dataset[far]));
  return nearest(centre(viewer, from), centres(viewer, (id) => ends.has(id)));
}

/**
 * @param {Viewer} viewer
 * @param {string} from
 * @param {Point} direction
 */
function nextAside(viewer, from, direction) {
  const here = centre(viewer, from);
  return nearest(here, centres(viewer, (id) => liesTowards(here, centre(viewer, id), direction)));
}

/**
 * @param {Viewer} viewer
 * @param {string} id
 */
function centre(viewer, id) {
  const box = viewer.boxOf(id);
  return centreOf(box ?? { x: 0, y: 0, width: 0, height: 0 });
}

/**
 * @param {Viewer} viewer
 * @param {(id: string) => boolean} keep
 */
const centres = (viewer, keep) => new Map([...viewer.nodes.keys()].filter(keep).map((id) => [id, centre(viewer, id)]));
