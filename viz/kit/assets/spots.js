// Where a name beside a point of a chart may stand. Pixels; y grows downwards.

/** @typedef {{ x: number, y: number, width: number, height: number }} Spot */

/**
 * The boxes that a name of this size may have around a point, best first. `gap` is kept from the point's centre.
 * @param {{ x: number, y: number }} point @param {{ width: number, height: number }} size @param {number} gap
 * @returns {Spot[]}
 */
export function spotsAround(point, size, gap) {
  const { width, height } = size;
  const near = gap * 0.6; // a corner is farther from the centre than a side
  const [left, middle, right] = [-width, -width / 2, 0];
  const [above, level, below] = [-height, -height / 2, 0];
  const all = [
    [middle, above - gap], [right + gap, level], [left - gap, level], [middle, below + gap],
    [right + near, above - near], [left - near, above - near], [right + near, below + near], [left - near, below + near],
  ];
  return all.map(([dx, dy]) => ({ x: point.x + dx, y: point.y + dy, width, height }));
}

/**
 * Whether two boxes come nearer than `space`.
 * @param {Spot} a @param {Spot} b @param {number} [space]
 */
export function meet(a, b, space = 0) {
  return a.x < b.x + b.width + space && b.x < a.x + a.width + space && a.y < b.y + b.height + space && b.y < a.y + a.height + space;
}

/**
 * Whether `inner` lies inside `outer`.
 * @param {Spot} inner @param {Spot} outer
 */
export function inside(inner, outer) {
  return inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width && inner.y + inner.height <= outer.y + outer.height;
}

/**
 * The spot of `spots` that lies in `room`, is 2 pixels or more from every box of `taken`, and covers the fewest `marks`, the first of equals;
 * null where there is none.
 * @param {Spot[]} spots @param {Spot} room @param {Spot[]} taken @param {Spot[]} marks
 * @returns {Spot | null}
 */
export function freeSpot(spots, room, taken, marks) {
  let best = null;
  let least = Infinity;
  for (const spot of spots) {
    if (!inside(spot, room) || taken.some((box) => meet(spot, box, 2))) continue;
    const covered = marks.filter((mark) => meet(spot, mark)).length;
    if (covered < least) [best, least] = [spot, covered];
  }
  return best;
}
