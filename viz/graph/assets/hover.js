// What a box is, in one line, while the pointer rests on it.

import { quantity } from "./quantities.js";

/** @import { Item } from "./types.d.ts" */

/**
 * Kind, path, shape, parameters and MACs of a box.
 * @param {Item} item
 * @param {(text: string) => string} word translates
 */
export function hoverLine(item, word) {
  const counts = [["params", "parameters"], ["macs", "MACs"]].filter(([name]) => item.m[name]).map(([name, said]) => `${quantity(item.m[name], "")} ${word(said)}`);
  return [item.t, item.path, item.shape ?? "", ...counts].filter(Boolean).join(" · ");
}
