// Streamlit calls this once, and again with new data and on every change of theme, with the same element.

import { viewerOf } from "./viewer.js";

/** @import { GraphData } from "./types.d.ts" */

/** @param {{ data: GraphData, parentElement: HTMLElement, setStateValue: (name: string, value: unknown) => void }} component */
export default function ({ data, parentElement, setStateValue }) {
  const root = /** @type {HTMLElement | null} */ (parentElement.querySelector(".viewer"));
  if (!root) return;
  viewerOf(root).update(data, (view) => setStateValue("view", view));
}
