// Where the tour goes next, and where its card stands.

const GAP = 14; // pixels between the card and what it points at

/**
 * The stop that is `steps` from stop `at` of `count`: null past the last one, the first before it.
 * @param {number} at @param {number} steps @param {number} count
 */
export function moved(at, steps, count) {
  const next = Math.max(at + steps, 0);
  return next < count ? next : null;
}

/**
 * The top of a card of this height: below `box` where there is room, else above it, else at the window's lower end.
 * @param {{ top: number, bottom: number }} box @param {number} height @param {number} room the window's height
 */
export function cardTop({ top, bottom }, height, room) {
  if (bottom + GAP + height <= room) return bottom + GAP;
  return top - GAP - height >= 0 ? top - GAP - height : room - GAP - height;
}
