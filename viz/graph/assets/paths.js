// SVG paths and text of the picture that the file without a server draws. Python's twins are in viz/graph/outlines.py and svg.py.

/** @import { Point } from "./types.d.ts" */

/** @param {number[]} point */
export const pair = ([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`;

/**
 * A path of absolute commands, moved.
 * @param {string} d
 * @param {number} dx
 * @param {number} dy
 */
export const movedPath = (d, dx, dy) => d.replace(/(-?[\d.]+) (-?[\d.]+)/g, (_, x, y) => pair([Number(x) + dx, Number(y) + dy]));

/** @type {Record<string, string>} */
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/**
 * `text` as XML text; characters that XML does not allow become the replacement character.
 * @param {string} text
 */
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
export const escaped = (text) => text.replace(/[&<>]/g, (c) => ENTITIES[c]).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "�");

/** @param {string} text */
export const quoted = (text) => `"${escaped(text).replace(/"/g, "&quot;")}"`;

/**
 * An arrow's head.
 * @param {Point} base
 * @param {Point} tip
 */
export function headPath(base, tip) {
  const [dx, dy] = [tip[0] - base[0], tip[1] - base[1]];
  const length = Math.hypot(dx, dy) || 1;
  const [nx, ny] = [(-dy / length) * 3.6, (dx / length) * 3.6];
  return `M${pair([base[0] + nx, base[1] + ny])}L${pair(tip)}L${pair([base[0] - nx, base[1] - ny])}Z`;
}

/**
 * A rectangle with round corners of radius `r`.
 * @param {number} x
 * @param {number} y
 * @param {number} w
 * @param {number} h
 * @param {number} r
 */
export function roundedPath(x, y, w, h, r) {
  const k = r * 0.4477;
  const [right, bottom] = [x + w, y + h];
  return [
    `M${x + r} ${y}L${right - r} ${y}C${right - k} ${y} ${right} ${y + k} ${right} ${y + r}`,
    `L${right} ${bottom - r}C${right} ${bottom - k} ${right - k} ${bottom} ${right - r} ${bottom}`,
    `L${x + r} ${bottom}C${x + k} ${bottom} ${x} ${bottom - k} ${x} ${bottom - r}`,
    `L${x} ${y + r}C${x} ${y + k} ${x + k} ${y} ${x + r} ${y}Z`,
  ].join("");
}

/**
 * A cubic spline through 1 + 3n control points.
 * @param {Point[]} points
 */
export function splinePath(points) {
  const pieces = Array.from({ length: Math.floor((points.length - 1) / 3) }, (_, i) => points.slice(3 * i + 1, 3 * i + 4).map(pair).join(" "));
  return `M${pair(points[0])}${pieces.map((piece) => `C${piece}`).join("")}`;
}

/**
 * The middle of a spline's middle piece.
 * @param {Point[]} points
 * @returns {Point}
 */
export function splineMiddle(points) {
  const i = Math.floor((points.length - 1) / 6) * 3;
  const [a, b, c, d] = points.slice(i, i + 4);
  return d ? [(a[0] + 3 * b[0] + 3 * c[0] + d[0]) / 8, (a[1] + 3 * b[1] + 3 * c[1] + d[1]) / 8] : a;
}
