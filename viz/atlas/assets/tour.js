// A short tour of the first page. It never begins by itself and never covers what it points at; the browser keeps that it was taken or skipped.

import { element } from "../../kit/assets/dom.js";
import { cardTop, moved } from "./stops.js";

/** @import { TourData } from "./types.d.ts" */

const KEPT = "explorer.tour";

/** @param {string} state "taken" or "skipped" */
function keep(state) {
  try {
    localStorage.setItem(KEPT, state);
  } catch {
    // A browser that keeps nothing offers the tour again.
  }
}

function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

class Tour {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {TourData} */
    this.data = { stops: [], words: {} };
    this.at = -1; // the stop that is shown; -1 outside of the tour
    this.ring = element("div", "", "ring");
    this.ring.setAttribute("aria-hidden", "true");
    this.card = element("div", "", "stop");
    this.card.setAttribute("role", "dialog");
    this.card.onkeydown = (event) => {
      if (event.key === "Escape") this.end("skipped");
      else if (event.key === "ArrowRight") this.go(1);
      else if (event.key === "ArrowLeft") this.go(-1);
    };
    this.place = () => this.follow();
  }

  /** @param {TourData} data */
  update(data) {
    if (JSON.stringify(data) === JSON.stringify(this.data)) return;
    this.data = data;
    this.offer();
  }

  // The offer; once taken or skipped, a quiet link to it.
  offer() {
    const { words } = this.data;
    const fresh = kept() === null;
    const take = button(fresh ? words.take : words.again, () => this.begin(), "take");
    this.root.replaceChildren(take, ...(fresh ? [button(words.skip, () => this.end("skipped"), "skip")] : []));
  }

  begin() {
    this.at = 0;
    window.addEventListener("scroll", this.place, true);
    window.addEventListener("resize", this.place);
    this.show();
  }

  /** @param {number} steps */
  go(steps) {
    const next = moved(this.at, steps, this.data.stops.length);
    if (next === null) this.end("taken");
    else {
      this.at = next;
      this.show();
    }
  }

  /** @param {string} state */
  end(state) {
    keep(state);
    this.at = -1;
    window.removeEventListener("scroll", this.place, true);
    window.removeEventListener("resize", this.place);
    this.offer();
    /** @type {HTMLElement | null} */ (this.root.querySelector(".take"))?.focus();
  }

  show() {
    const { stops, words } = this.data;
    const last = this.at === stops.length - 1;
    this.card.setAttribute("aria-label", stops[this.at].place);
    const next = button(last ? words.done : words.next, () => this.go(1), "next");
    const buttons = element("div", "", "buttons");
    buttons.append(element("span", stops[this.at].place), ...(this.at > 0 ? [button(words.back, () => this.go(-1))] : []));
    buttons.append(...(last ? [] : [button(words.skip, () => this.end("skipped"))]), next);
    this.card.replaceChildren(element("p", stops[this.at].said), buttons);
    if (!this.card.isConnected) this.root.append(this.ring, this.card);
    this.target()?.scrollIntoView({ block: "nearest" });
    this.follow();
    next.focus({ preventScroll: true });
  }

  // What a stop points at stands on the page, outside of this component.
  target() {
    return document.querySelector(this.data.stops[this.at].target);
  }

  follow() {
    const box = this.target()?.getBoundingClientRect();
    if (!this.root.isConnected || !box) {
      this.ring.hidden = true;
      return;
    }
    this.ring.hidden = false;
    Object.assign(this.ring.style, { left: `${box.left - 6}px`, top: `${box.top - 6}px`, width: `${box.width + 12}px`, height: `${box.height + 12}px` });
    this.card.style.top = `${cardTop(box, this.card.offsetHeight, window.innerHeight)}px`;
  }
}

/**
 * @param {string} text
 * @param {() => void} act
 * @param {string} [name]
 */
function button(text, act, name = "") {
  const made = element("button", text, name);
  made.type = "button";
  made.onclick = act;
  return made;
}

/** @param {{ data: TourData, parentElement: HTMLElement }} component */
export default function ({ data, parentElement }) {
  const root = /** @type {HTMLElement & { tour?: Tour }} */ (parentElement.querySelector(".tour"));
  (root.tour ??= new Tour(root)).update(data);
}
