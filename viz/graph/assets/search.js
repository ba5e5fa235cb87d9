// Search: what is typed is sent after a pause, and the hits are listed.

import { element, listen, only } from "../../kit/assets/dom.js";

/** @import { Hit } from "./types.d.ts" */
/** @import { Viewer } from "./viewer.js" */

const PAUSE = 180; // milliseconds after the last letter

/** @param {Viewer} viewer */
const parts = (viewer) => ({ input: /** @type {HTMLInputElement} */ (only(viewer.root, ".search")), list: only(viewer.root, ".found") });

/** @param {Element | null | undefined} entry */
const focusOn = (entry) => /** @type {HTMLElement | null | undefined} */ (entry)?.focus();

/** @param {Element | null} entry */
const clickOn = (entry) => /** @type {HTMLElement | null} */ (entry)?.click();

/** @param {Viewer} viewer */
export function listenSearch(viewer) {
  const { input, list } = parts(viewer);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let wait;
  const ask = () => viewer.tell({ find: input.value.trim() });
  const takeFirst = () => {
    if (viewer.data.view.find === input.value.trim()) {
      clickOn(list.firstElementChild);
      return;
    }
    clearTimeout(wait);
    viewer.taking = input.value.trim(); // the list is of what was typed before: the first hit of the new one is taken when it comes
    ask();
  };
  listen(input, {
    input: () => {
      clearTimeout(wait);
      wait = setTimeout(ask, PAUSE);
    },
    keydown: (e) => {
      e.stopPropagation();
      if (e.key === "Escape") {
        input.value = "";
        viewer.tell({ find: "" });
        viewer.root.focus({ preventScroll: true });
      } else if (e.key === "Enter" && input.value.trim()) takeFirst();
      else if (e.key === "ArrowDown") focusOn(list.firstElementChild);
    },
  });
}

/** @param {Viewer} viewer */
export function showFound(viewer) {
  const { input, list } = parts(viewer);
  const { data, view } = viewer;
  list.hidden = !view.find || document.activeElement === null;
  list.replaceChildren(...data.found.map((hit) => foundEntry(viewer, list, input, hit)));
  if (view.find && !data.found.length) list.append(element("li", viewer.word("no item matches “{text}”", { text: view.find }), "none"));
  const shown = new Set(view.find ? data.found.map((hit) => hit.shown) : []);
  for (const [id, g] of viewer.nodes) g.classList.toggle("found", shown.has(id));
  if (viewer.taking && viewer.taking === data.view.find) setTimeout(() => clickOn(list.firstElementChild));
  if (viewer.taking === data.view.find || viewer.taking !== input.value.trim()) viewer.taking = null;
}

/**
 * @param {Viewer} viewer
 * @param {HTMLElement} list
 * @param {HTMLInputElement} input
 * @param {Hit} hit
 */
function foundEntry(viewer, list, input, hit) {
  const entry = element("li", "", `k-${hit.kind}`);
  entry.tabIndex = 0;
  entry.append(element("b", hit.title), element("span", hit.path));
  entry.onclick = () => {
    list.hidden = true;
    input.value = "";
    viewer.camera.moved = true;
    viewer.tell({ find: "", reveal: hit.id, selected: hit.id, ref: null });
    viewer.root.focus({ preventScroll: true });
  };
  entry.onkeydown = (e) => {
    e.stopPropagation();
    if (e.key === "Enter") entry.click();
    else if (e.key === "ArrowDown") focusOn(entry.nextElementSibling);
    else if (e.key === "ArrowUp") focusOn(entry.previousElementSibling ?? input);
  };
  return entry;
}
