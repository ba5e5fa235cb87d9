// The card of the selected item.

import { element, only } from "../../kit/assets/dom.js";
import { fieldPanel } from "./field.js";
import { quantity } from "./quantities.js";

/** @import { Viewer } from "./viewer.js" */

/** @param {Viewer} viewer */
export function showCard(viewer) {
  const { selected } = viewer.view;
  const card = only(viewer.root, ".card");
  const item = selected === null ? undefined : viewer.data.items[selected];
  card.hidden = !item;
  if (!item || selected === null) return;
  const close = element("button", "×", "close");
  close.onclick = () => viewer.select(null);
  const more = viewer.data.card?.id === selected ? viewer.data.card : null;
  const readings = viewer.data.overlays.filter((o) => o.id && item.m[o.id] != null).map((o) => [viewer.word(o.label), quantity(item.m[o.id], o.unit), String(item.m[o.id])]);
  const facts = viewer.view.ref && more?.tensor ? [[viewer.word("Tensor"), more.tensor]] : (more?.facts ?? []);
  card.replaceChildren(
    close, element("h4", item.t), element("div", item.path || viewer.word("the network"), "path"), table([...facts, ...readings]),
    ...(more?.formulas ?? []).map(formulaLine),
    ...(more?.knobs ? [element("div", more.knobs, "note")] : []), ...(more?.source ? [element("div", more.source, "note source")] : []),
    ...(more?.field ? [fieldPanel(more.field, (text, values) => viewer.word(text, values))] : []),
  );
  if (item.opens) {
    const button = element("button", viewer.view.open.includes(selected) || viewer.frames.has(selected) ? viewer.word("Close") : viewer.word("Open"), "open");
    button.onclick = () => viewer.toggle(selected);
    card.append(button);
  }
}

/**
 * "C_mid" as C with a lowered "mid".
 * @param {string} line
 */
function formulaLine(line) {
  const made = element("div", "", "formula");
  for (const part of subscripts(line)) made.append(part.startsWith("_") ? element("sub", part.slice(1)) : part);
  return made;
}

/**
 * `line` in pieces, those that are subscripts with their underscore in front.
 * @param {string} line
 */
export const subscripts = (line) => line.split(/(_[A-Za-z0-9]+)/).filter(Boolean);

/** @param {string[][]} rows name, value and, where the value is rounded, the exact one */
function table(rows) {
  const made = element("table");
  for (const [name, value, exact] of rows) {
    const cell = element("td", value);
    if (exact) cell.title = exact;
    made.insertRow().append(element("th", name), cell);
  }
  return made;
}
