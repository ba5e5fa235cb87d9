// The entry of the file without a server: the viewer, answered by the data that the file carries.

import { OfflineGraph } from "./offline_graph.js";
import { viewerOf } from "./viewer.js";

/** @import { ViewState } from "./types.d.ts" */

const offline = new OfflineGraph(JSON.parse(document.getElementById("graph-data")?.textContent ?? ""));
const viewer = viewerOf(/** @type {HTMLElement} */ (document.querySelector(".viewer")));
const reply = (/** @type {ViewState} */ view) => viewer.update(offline.answer(view, window.innerHeight), (next) => setTimeout(() => reply(next), 0));
reply(offline.opening());
const again = () => reply(viewer.view);
window.addEventListener("resize", again);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
