// Where attention looks from one token: over the picture, the chosen head and the rollout large, every head small. A click or the arrow keys choose the patch that asks.

import { element, only } from "../../kit/assets/dom.js";
import { drawMap } from "./colours.js";
import { STEPS, marked, moved, placeAt, putMark } from "./places.js";

/** @import { AttentionData, GreyMap } from "./types.d.ts" */

/**
 * A picture with heat over it.
 * @param {string} source
 * @param {GreyMap} map
 */
function heated(source, map) {
  const made = element("div", "", "over");
  const image = element("img");
  image.src = source;
  image.alt = "";
  const heat = element("canvas");
  drawMap(heat, map, true);
  made.append(image, heat);
  return made;
}

/** The panel. It keeps the patch that the user asked for until the server has heard of it. */
class Attention {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.shown = "";
    /** @type {[number, number] | null} */
    this.asked = null;
    this.large = element("div", "", "large");
    this.large.setAttribute("role", "application");
    this.large.tabIndex = 0;
    this.token = element("button", "", "token");
    this.heads = element("div", "", "heads");
    this.heads.setAttribute("role", "group");
    const side = element("div", "", "side");
    side.append(this.token, this.heads);
    root.append(this.large, side);
    this.large.addEventListener("click", (event) => this.clicked(event));
    this.large.addEventListener("keydown", (event) => this.pressed(event));
    this.token.addEventListener("click", () => {
      this.asked = null;
      this.tell?.("query", "token");
    });
  }

  /**
   * @param {AttentionData} data
   * @param {(name: string, value: unknown) => void} tell
   */
  update(data, tell) {
    this.data = data;
    this.tell = tell;
    const now = JSON.stringify(data);
    if (now === this.shown) return;
    this.shown = now;
    if (String(data.query) === String(this.asked)) this.asked = null;
    this.draw(data, tell);
    this.place(marked(data.query, this.asked));
  }

  /**
   * @param {AttentionData} data
   * @param {(name: string, value: unknown) => void} tell
   */
  draw(data, tell) {
    this.large.setAttribute("aria-label", data.words.map);
    this.heads.setAttribute("aria-label", data.words.heads);
    this.token.textContent = data.words.token;
    this.token.hidden = !data.first;
    this.token.setAttribute("aria-pressed", String(!data.query));
    this.large.replaceChildren(
      ...[data.heads[data.head], data.rollout].map((one) => {
        const made = element("figure");
        const over = heated(data.source, one.map);
        over.append(element("div", "", "mark"));
        made.append(element("figcaption", one.label), over);
        return made;
      }),
    );
    this.heads.replaceChildren(
      ...data.heads.map((head, number) => {
        const made = element("button", "", `cell${number === data.head ? " chosen" : ""}`);
        made.title = head.title;
        made.dataset.head = String(number);
        made.setAttribute("aria-label", head.title);
        made.setAttribute("aria-pressed", String(number === data.head));
        made.append(heated(data.source, head.map), element("span", head.small));
        made.addEventListener("click", () => tell("head", number));
        return made;
      }),
    );
  }

  /** @param {[number, number] | null} place row and column of the patch that asks; none for the class token */
  place(place) {
    for (const mark of /** @type {NodeListOf<HTMLElement>} */ (this.large.querySelectorAll(".mark"))) {
      if (this.data) putMark(mark, place, this.data.size);
    }
  }

  /** @param {[number, number]} place */
  ask(place) {
    this.asked = place;
    this.place(place);
    this.tell?.("query", place.join("."));
  }

  /** @param {MouseEvent} event */
  clicked(event) {
    const over = /** @type {HTMLElement} */ (event.target).closest(".over");
    if (!this.data || !over) return;
    const box = over.getBoundingClientRect();
    this.ask(placeAt(event.clientX - box.left, event.clientY - box.top, box, this.data.size));
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const step = STEPS[event.key];
    if (!step || !this.data) return;
    event.preventDefault();
    const from = marked(this.data.query, this.asked);
    this.ask(from ? moved(from, step, this.data.size) : [0, 0]);
  }
}

/** @param {{ data: AttentionData, parentElement: HTMLElement, setTriggerValue: (name: string, value: unknown) => void }} component */
export default function ({ data, parentElement, setTriggerValue }) {
  const root = /** @type {HTMLElement & { attention?: Attention }} */ (only(parentElement, ".inside-attention"));
  root.attention ??= new Attention(root);
  root.attention.update(data, setTriggerValue);
}
