// Graphs of one group on a page move, open and select in step. They talk through events of the window and know each other's items by id.

import { distance } from "./geometry.js";

/** @import { Point } from "./types.d.ts" */
/** @import { Viewer } from "./viewer.js" */
/** @typedef {{ k: number, items: [id: string, x: number, y: number][], share: number[] }} Place */
/** @typedef {{ place?: Place, selected?: string | null, toggled?: string, open?: boolean, level?: string }} Action */
/** @typedef {Action & { group: string, key: string }} Message */

const EVENT = "architecture-graph";
const APART = 60; // milliseconds
const ANCHORS = 12; // items whose places a graph tells the others

export class Group {
  /** @param {Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.following = false;
    viewer.camera.moves = () => {
      if (viewer.data.group) this.say({ place: this.place() });
    };
    const hear = (/** @type {Event} */ e) => {
      if (viewer.root.isConnected) this.hear(/** @type {CustomEvent<Message>} */ (e).detail);
      else window.removeEventListener(EVENT, hear);
    };
    window.addEventListener(EVENT, hear);
  }

  /** @param {Action} action */
  say(action) {
    const { group, key } = this.viewer.data;
    if (group && !this.following) window.dispatchEvent(new CustomEvent(EVENT, { detail: { group, key, ...action } }));
  }

  /** @param {Message} message */
  hear(message) {
    const { group, key } = this.viewer.data;
    if (!group || message.group !== group || message.key === key) return;
    // What asks the server waits: Streamlit merges the messages of one moment, as if they came from one component.
    if (message.place) this.obey(message);
    else setTimeout(() => this.obey(message), APART);
  }

  /** @param {Action} action */
  obey({ place, selected, toggled, open, level }) {
    const { viewer } = this;
    this.following = true;
    if (place) this.follow(place);
    else if (level) viewer.level(level);
    else if (toggled !== undefined) {
      if (viewer.data.items[toggled]?.opens && viewer.view.open.includes(toggled) !== open) viewer.toggle(toggled);
    } else if (selected !== undefined && (selected === null || viewer.data.items[selected])) viewer.select(selected);
    this.following = false;
  }

  /**
   * What is nearest to the centre of the stage, and where; and the centre as shares of the picture, for graphs that lack those items.
   * @returns {Place}
   */
  place() {
    const { camera, stage, nodes } = this.viewer;
    const centre = /** @type {Point} */ ([(stage.clientWidth / 2 - camera.x) / camera.k, (stage.clientHeight / 2 - camera.y) / camera.k]);
    const places = [...nodes.keys()].map((id) => ({ id, at: /** @type {Point} */ (this.viewer.placeOf(id)) }));
    const nearest = places.sort((a, b) => distance(a.at, centre) - distance(b.at, centre)).slice(0, ANCHORS);
    return { k: camera.k, items: nearest.map(({ id, at }) => [id, ...camera.onStage(at)]), share: centre.map((v, i) => v / camera.size[i]) };
  }

  /** @param {Place} place */
  follow({ k, items, share }) {
    const { camera, stage } = this.viewer;
    const known = items.find(([id]) => this.viewer.nodes.has(id));
    const here = known && this.viewer.placeOf(known[0]);
    camera.k = k;
    if (known && here) [camera.x, camera.y] = [known[1] - here[0] * k, known[2] - here[1] * k];
    else [camera.x, camera.y] = [stage.clientWidth / 2 - share[0] * camera.size[0] * k, stage.clientHeight / 2 - share[1] * camera.size[1] * k];
    camera.moved = true;
    camera.apply();
  }
}
