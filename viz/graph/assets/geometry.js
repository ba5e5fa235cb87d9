// Distances and directions between boxes, in the picture's own pixels.

/** @import { Box, Point } from "./types.d.ts" */

/**
 * @param {Point} a
 * @param {Point} b
 */
export const distance = ([ax, ay], [bx, by]) => Math.hypot(ax - bx, ay - by);

/**
 * @param {Box} box
 * @returns {Point}
 */
export const centreOf = ({ x, y, width, height }) => [x + width / 2, y + height / 2];

/**
 * The place of a box or frame as the layout gave it: asking the browser would force it to lay out the whole picture.
 * @param {SVGElement | undefined} g
 * @returns {Box | undefined}
 */
export function boxOf(g) {
  if (!g?.dataset.box) return undefined;
  const [x, y, width, height] = g.dataset.box.split(" ").map(Number);
  return { x, y, width, height };
}

/**
 * Whether `to` lies in `direction` from `from`, more ahead than aside.
 * @param {Point} from
 * @param {Point} to
 * @param {Point} direction a unit vector along an axis
 */
export function liesTowards(from, to, [dx, dy]) {
  const [x, y] = [to[0] - from[0], to[1] - from[1]];
  const ahead = x * dx + y * dy;
  return ahead > 4 && Math.abs(x * dy + y * dx) < ahead;
}

/**
 * The id of the point nearest to `from`; undefined where there is none.
 * @param {Point} from
 * @param {Map<string, Point>} points
 */
export function nearest(from, points) {
  return [...points].sort((a, b) => distance(a[1], from) - distance(b[1], from))[0]?.[0];
}
