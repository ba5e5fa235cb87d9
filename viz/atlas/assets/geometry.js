// Where the map's bands, boxes and lines are, in pixels; and which families are related.

/** @import { Band, Box, FamilyEdge, FamilyNode, MapData } from "./types.d.ts" */

export const NARROWEST = 760; // pixels; a phone scrolls the map sideways

// Text grows a little with the width, so that a projector shows more than a stretched laptop.
export class Measures {
  /**
   * @param {Pick<MapData, "lanes" | "narrowest">} data
   * @param {number} room width of the page's column
   */
  constructor(data, room) {
    this.width = Math.max(room, NARROWEST);
    this.gutter = Math.min(150, 96 + this.width * 0.03);
    this.inner = this.width - this.gutter - 4;
    this.font = Math.min(17, Math.max(9, (12.2 * this.inner) / data.narrowest));
    if (this.inner > 760) this.font = Math.min(17, 12.6 + (this.inner - 760) / 160);
    this.row = this.font * 2.35;
    this.pad = this.font * 0.55;
    this.top = this.font * 1.9;
    let y = this.top;
    /** @type {Band[]} */
    this.bands = data.lanes.map((lane) => {
      const band = { ...lane, y, height: lane.rows * this.row + 2 * this.pad };
      y += band.height + 3;
      return band;
    });
    this.height = y;
  }

  /** @param {number} share */
  x(share) {
    return this.gutter + share * this.inner;
  }

  /** @param {FamilyNode} node */
  y(node) {
    const band = this.bands.find((b) => b.idea === node.lane);
    if (!band) throw new Error(`${node.family} lies in no lane`);
    return band.y + this.pad + (node.row - band.row) * this.row + this.row / 2;
  }

  /**
   * @param {FamilyNode} node
   * @returns {Box}
   */
  box(node) {
    const text = node.title.length * this.font * 0.545 + this.font * 1.55 + (node.ideas.length - 1) * this.font * 0.5;
    const width = Math.max(text, this.font * 3.4);
    return { x: Math.min(this.x(node.x), this.width - width - 2), y: this.y(node) - this.row * 0.4, width, height: this.row * 0.8 };
  }

  /**
   * A lane's title in lines that fit beside the map.
   * @param {string} title
   */
  wrapped(title) {
    return wrapped(title, Math.floor((this.gutter - 12) / (this.font * 0.56)));
  }
}

/**
 * `text` in lines of at most `most` letters; a longer word has a line of its own.
 * @param {string} text
 * @param {number} most
 */
export function wrapped(text, most) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    const longer = `${last} ${word}`.trim();
    if (longer.length > most && last) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

/**
 * The curve from one box to another, and the point of its arrow.
 * @param {Box} from
 * @param {Box} to
 */
export function curve(from, to) {
  const back = to.x < from.x + 6;
  const beside = !back && to.x - from.x > from.width + 8;
  const start = { x: from.x + (beside ? from.width : from.width / 2), y: from.y + from.height / 2 };
  const end = { x: to.x - 1, y: to.y + to.height / 2 };
  const bend = Math.max(18, Math.abs(end.x - start.x) * 0.45);
  if (start.x >= from.x + from.width) return { end, path: `M${start.x},${start.y} C${start.x + bend},${start.y} ${end.x - bend},${end.y} ${end.x},${end.y}` };
  // The line leaves below or above the box, not out of its side.
  start.y += (end.y > start.y ? 1 : -1) * (from.height / 2);
  return { end, path: `M${start.x},${start.y} C${start.x},${(start.y + end.y) / 2} ${end.x - bend},${end.y} ${end.x},${end.y}` };
}

/**
 * A family, everything that led to it and everything that came of it.
 * @param {FamilyEdge[]} edges
 * @param {string} family
 */
export function kin(edges, family) {
  const found = new Set([family]);
  const ways = /** @type {["source" | "target", "source" | "target"][]} */ ([["target", "source"], ["source", "target"]]);
  for (const [here, there] of ways) {
    const walk = [family];
    for (let at = walk.pop(); at !== undefined; at = walk.pop()) {
      const next = edges.filter((edge) => !edge.later && edge[here] === at && !found.has(edge[there])).map((edge) => edge[there]);
      next.forEach((name) => found.add(name));
      walk.push(...next);
    }
  }
  return found;
}
