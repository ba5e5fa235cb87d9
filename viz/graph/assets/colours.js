// The overlay's colours: the same scale as viz/kit/palette.py gives to files.

import { rgbOf } from "../../kit/assets/dom.js";

/**
 * The colour at `share` (0 to 1) of evenly spaced `stops`.
 * @param {string[]} stops
 * @param {number} share
 */
export function rampAt(stops, share) {
  const place = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const low = Math.min(Math.floor(place), stops.length - 2);
  const [a, b] = [rgbOf(stops[low]), rgbOf(stops[low + 1])];
  return a.map((v, i) => Math.round(v + (b[i] - v) * (place - low)));
}

/**
 * Relative luminance as WCAG 2 defines it, 0 to 1.
 * @param {number[]} rgb
 */
export function luminance(rgb) {
  const [r, g, b] = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/**
 * Position on the colour scale: the square root of the share, so that a twentieth of the maximum can still be told from nothing.
 * @param {number} value
 * @param {number} most
 */
export const scalePosition = (value, most) => (most > 0 ? Math.sqrt(Math.max(value, 0) / most) : 0);
