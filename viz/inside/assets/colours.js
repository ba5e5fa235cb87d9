// Maps of bytes as pixels: a ramp for what a layer gives, and heat that lies over a picture.

/** @import { GreyMap } from "./types.d.ts" */

/** Dark blue by way of green to yellow, even in lightness. @type {[number, number, number][]} */
const RAMP = [
  [24, 15, 62],
  [46, 60, 128],
  [35, 110, 142],
  [33, 150, 120],
  [110, 190, 80],
  [250, 231, 70],
];
const HEAT_FROM = 0.35; // of the range; what is below leaves the picture as it is

/**
 * The colour at `level`, 0 to 1, of the ramp.
 * @param {number} level
 * @returns {[number, number, number]}
 */
export function rampColour(level) {
  const place = Math.min(1, Math.max(0, level)) * (RAMP.length - 1);
  const low = Math.min(RAMP.length - 2, Math.floor(place));
  const [a, b, part] = [RAMP[low], RAMP[low + 1], place - low];
  const mixed = (/** @type {0 | 1 | 2} */ i) => Math.round(a[i] + (b[i] - a[i]) * part);
  return [mixed(0), mixed(1), mixed(2)];
}

/**
 * The bytes of a map.
 * @param {GreyMap} map
 */
export function bytesOf(map) {
  const text = atob(map.pixels);
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/**
 * Draw a map into `canvas`, a pixel for each value.
 * @param {HTMLCanvasElement} canvas
 * @param {GreyMap} map
 * @param {boolean} [heat] see-through where the values are low
 */
export function drawMap(canvas, map, heat = false) {
  const bytes = bytesOf(map);
  canvas.width = map.width;
  canvas.height = map.height;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(map.width, map.height);
  bytes.forEach((byte, i) => {
    const level = byte / 255;
    const [r, g, b] = heat ? [255, Math.round(210 * (1 - level)), 0] : rampColour(map.high > map.low ? level : 0);
    image.data.set([r, g, b, heat ? Math.round(Math.max(0, (level - HEAT_FROM) / (1 - HEAT_FROM)) * 190) : 255], i * 4);
  });
  context.putImageData(image, 0, 0);
}

/**
 * Draw values between -1 and 1 as bars.
 * @param {HTMLCanvasElement} canvas
 * @param {number[]} values
 */
export function drawBars(canvas, values) {
  const side = 56;
  canvas.width = canvas.height = side;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.fillStyle = "rgb(24,15,62)";
  context.fillRect(0, 0, side, side);
  const below = values.some((v) => v < 0);
  const ground = below ? side / 2 : side;
  values.forEach((value, i) => {
    const tall = Math.abs(value) * (below ? side / 2 : side);
    const [r, g, b] = rampColour(0.55 + 0.45 * Math.abs(value));
    context.fillStyle = `rgb(${r},${g},${b})`;
    context.fillRect((i * side) / values.length, value < 0 ? ground : ground - tall, Math.max(1, side / values.length - 0.4), tall);
  });
}
