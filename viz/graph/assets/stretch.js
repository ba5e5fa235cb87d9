// How a picture makes room for modules that are opened in it.

/** @import { Point } from "./types.d.ts" */
/** @typedef {[start: number, length: number, room: number]} Demand */

/**
 * A rising map of one axis that lengthens each demand's interval from `length` to `room`. Where several overlap, the largest stretch counts.
 * @param {Demand[]} demands
 * @returns {(v: number) => number}
 */
export function stretched(demands) {
  const cuts = [...new Set(demands.flatMap(([start, length]) => [start, start + length]))].sort((a, b) => a - b);
  const pieces = cuts.slice(1).map((to, i) => {
    const rates = demands.filter(([start, length]) => start <= cuts[i] && start + length >= to).map(([, length, room]) => room / length);
    return { from: cuts[i], to, rate: Math.max(1, ...rates) };
  });
  return (v) => pieces.reduce((sum, { from, to, rate }) => sum + Math.max(0, Math.min(v, to) - from) * (rate - 1), v);
}

/**
 * The base of an arrow's head after both its ends were moved: as far before the tip as it was, and turned back where the ends moved apart.
 * @param {Point} tip
 * @param {Point} base
 * @param {Point} oldTip
 * @param {Point} oldBase
 * @returns {Point}
 */
export function arrowBase(tip, base, oldTip, oldBase) {
  const [dx, dy] = [oldTip[0] - oldBase[0], oldTip[1] - oldBase[1]];
  const collapsed = Math.hypot(base[0] - tip[0], base[1] - tip[1]) < 1;
  const apart = Math.abs(tip[0] - dx - base[0]) + Math.abs(tip[1] - dy - base[1]) > 1;
  return collapsed || apart ? [tip[0] - dx, tip[1] - dy] : base;
}
