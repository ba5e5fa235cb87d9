// The bar's buttons, menus and the overlay's selector.

import { element, listen, only } from "../../kit/assets/dom.js";
import { FORMATS, order } from "./downloads.js";
import { paint } from "./overlay.js";
import { remember } from "./storage.js";

/** @import { Viewer } from "./viewer.js" */

const HELP = [
  ["click", "select; on + or − open and close"], ["double click", "open or close"], ["click a line", "its producer and its readers"], ["drag, wheel", "move, zoom"],
  ["← ↑ ↓ →", "along the lines"], ["Enter", "open or close"], ["/", "search"], ["+  −  0", "zoom in, zoom out, fit"], ["Esc", "clear the selection"],
];

/** @param {Viewer} viewer */
export function listenTools(viewer) {
  const { root, camera, sheet } = viewer;
  const [menu, help] = [only(root, ".menu"), only(root, ".help")];
  fillPanels(menu, help);
  /** @type {Record<string, (button: HTMLButtonElement) => void>} */
  const tools = {
    in: () => camera.zoom(1.25),
    out: () => camera.zoom(0.8),
    fit: () => camera.fit(),
    save: () => (menu.hidden = !menu.hidden),
    help: () => (help.hidden = !help.hidden),
    full: () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()),
    direction: () => viewer.tell({ direction: viewer.data.direction === "TB" ? "LR" : "TB" }),
    widths: (button) => button.setAttribute("aria-pressed", String(sheet.classList.toggle("widths"))),
  };
  listen(root, {
    click: (e) => {
      const button = /** @type {Element} */ (e.target).closest("button");
      if (button?.dataset.tool !== "save") menu.hidden = true;
      if (button?.dataset.tool !== "help") help.hidden = true;
      if (!button) return;
      const { tool, level, format } = button.dataset;
      if (tool) tools[tool](button);
      else if (level) viewer.level(level);
      else if (format) order(viewer, format);
    },
    change: (e) => {
      const select = /** @type {HTMLSelectElement} */ (e.target);
      if (!select.matches("select.overlay")) return;
      viewer.overlay = viewer.wanted = select.value;
      remember(viewer.data.key, "overlay", viewer.overlay);
      paint(viewer);
      root.focus({ preventScroll: true });
    },
  });
}

/**
 * @param {HTMLElement} menu
 * @param {HTMLElement} help
 */
function fillPanels(menu, help) {
  for (const [keys, act] of HELP) help.append(element("kbd", keys), element("span", act));
  for (const [format, label] of FORMATS) {
    const entry = element("button", label);
    entry.dataset.format = format;
    menu.append(entry);
  }
}
