// The channels that one operation gives, each as a map; the chosen one large, where a click or the arrow keys choose a number.

import { element, only } from "../../kit/assets/dom.js";
import { drawMap } from "./colours.js";
import { STEPS, marked, moved, placeAt, putMark } from "./places.js";

/** @import { WallData } from "./types.d.ts" */

/** One wall: the channels and the large map of the chosen one. It keeps the place that the user asked for until the server has heard of it. */
class Wall {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.shown = "";
    this.opened = "";
    /** @type {[number, number] | null} */
    this.asked = null;
    this.grid = element("div", "", "grid");
    this.grid.setAttribute("role", "group");
    this.large = element("div", "", "large");
    this.large.tabIndex = 0;
    this.large.setAttribute("role", "application");
    this.canvas = element("canvas");
    this.mark = element("div", "", "mark");
    this.large.append(this.canvas, this.mark);
    root.append(this.grid, this.large);
    this.large.addEventListener("click", (event) => this.clicked(event));
    this.large.addEventListener("keydown", (event) => this.pressed(event));
  }

  /**
   * @param {WallData} data
   * @param {(name: string, value: unknown) => void} tell
   */
  update(data, tell) {
    this.data = data;
    this.tell = tell;
    const now = JSON.stringify({ ...data, pixel: null });
    if (now !== this.shown) {
      const opened = `${data.node} ${data.channel} ${data.size}`;
      if (opened !== this.opened) this.asked = null;
      this.opened = opened;
      this.shown = now;
      this.draw(data, tell);
    }
    if (String(data.pixel) === String(this.asked)) this.asked = null;
    this.place(marked(data.pixel, this.asked));
  }

  /**
   * @param {WallData} data
   * @param {(name: string, value: unknown) => void} tell
   */
  draw(data, tell) {
    this.grid.setAttribute("aria-label", data.words.wall);
    this.large.setAttribute("aria-label", data.words.map);
    drawMap(this.canvas, data.chosen);
    this.grid.replaceChildren(
      ...data.channels.map((channel) => {
        const chosen = channel.number === data.channel;
        const made = element("button", "", `cell${chosen ? " chosen" : ""}${channel.off ? " off" : ""}`);
        const canvas = element("canvas");
        drawMap(canvas, channel.map);
        made.title = channel.title;
        made.dataset.channel = String(channel.number);
        made.setAttribute("aria-label", channel.title);
        made.setAttribute("aria-pressed", String(chosen));
        made.append(canvas, element("span", String(channel.number)));
        made.addEventListener("click", () => tell("channel", channel.number));
        return made;
      }),
    );
  }

  /** @param {[number, number] | null} place row and column, or none */
  place(place) {
    if (this.data) putMark(this.mark, place, this.data.size);
  }

  /** @param {[number, number]} place */
  ask(place) {
    this.asked = place;
    this.place(place);
    this.tell?.("pixel", `${place[0]}.${place[1]}`);
  }

  /** @param {MouseEvent} event */
  clicked(event) {
    if (!this.data) return;
    const box = this.canvas.getBoundingClientRect();
    this.ask(placeAt(event.clientX - box.left, event.clientY - box.top, box, this.data.size));
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const step = STEPS[event.key];
    if (!step || !this.data) return;
    event.preventDefault();
    this.ask(moved(marked(this.data.pixel, this.asked) ?? [0, 0], step, this.data.size));
  }
}

/** @param {{ data: WallData, parentElement: HTMLElement, setTriggerValue: (name: string, value: unknown) => void }} component */
export default function ({ data, parentElement, setTriggerValue }) {
  const root = /** @type {HTMLElement & { wall?: Wall }} */ (only(parentElement, ".inside-wall"));
  root.wall ??= new Wall(root);
  root.wall.update(data, setTriggerValue);
}
