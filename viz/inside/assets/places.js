// Places on a map of rows and columns: where a click falls, and where an arrow key goes.

/** @type {Record<string, [number, number]>} */
export const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * The row and column below a point of the large map.
 * @param {number} x from its left edge
 * @param {number} y from its upper edge
 * @param {{ width: number, height: number }} box
 * @param {[number, number]} size rows and columns
 * @returns {[number, number]}
 */
export function placeAt(x, y, box, size) {
  const along = (/** @type {number} */ part, /** @type {number} */ length, /** @type {number} */ count) =>
    Math.min(count - 1, Math.max(0, Math.floor((part / length) * count)));
  return [along(y, box.height, size[0]), along(x, box.width, size[1])];
}

/**
 * Put a mark over one place of a map; it hides where there is none.
 * @param {HTMLElement} mark
 * @param {[number, number] | null} place row and column
 * @param {[number, number]} size rows and columns
 */
export function putMark(mark, place, [rows, columns]) {
  mark.hidden = !place;
  if (!place) return;
  const [row, column] = place;
  Object.assign(mark.style, {
    left: `${(column / columns) * 100}%`,
    top: `${(row / rows) * 100}%`,
    width: `${100 / columns}%`,
    height: `${100 / rows}%`,
  });
}

/**
 * The next place for an arrow key; the same one at an edge.
 * @param {[number, number]} place
 * @param {[number, number]} step
 * @param {[number, number]} size
 * @returns {[number, number]}
 */
export function moved(place, step, size) {
  return [Math.min(size[0] - 1, Math.max(0, place[0] + step[0])), Math.min(size[1] - 1, Math.max(0, place[1] + step[1]))];
}

/**
 * The place that is marked: what the server says, but for older answers to what the user has asked since.
 * @param {[number, number] | null} said
 * @param {[number, number] | null} asked
 */
export function marked(said, asked) {
  return asked && String(said) !== String(asked) ? asked : said;
}
