// Streamlit calls this once, and on every change of theme, with the same element.

import { viewerOf } from "./viewer.js";

/** @import { GraphData, ViewState } from "./types.d.ts" */
/** @import { Viewer } from "./viewer.js" */
/** @typedef {HTMLElement & { mail?: Mail }} MailedElement */

/** @param {{ data: { mail: string }, parentElement: HTMLElement & { host: Element }, setStateValue: (name: string, value: unknown) => void }} component */
export default function ({ data, parentElement, setStateValue }) {
  const root = /** @type {MailedElement | null} */ (parentElement.querySelector(".viewer"));
  if (!root) return;
  root.mail ??= new Mail(viewerOf(root), parentElement.host, data.mail);
  root.mail.deliver((view) => setStateValue("view", view));
}

// The picture's data are text that stands, hidden, beside the component (viz.graph.view says why). It is read as soon as it changes.
class Mail {
  /**
   * @param {Viewer} viewer
   * @param {Element} host
   * @param {string} name
   */
  constructor(viewer, host, name) {
    this.viewer = viewer;
    this.box = `.st-key-${name}`;
    this.around = host.closest(`:has(${this.box})`) ?? document.body; // the box itself may be made anew
    this.text = "";
    /** @type {GraphData | null} */
    this.data = null;
    /** @type {((view: ViewState) => void) | null} */
    this.send = null;
    new MutationObserver(() => this.take()).observe(this.around, { subtree: true, childList: true, characterData: true });
  }

  /** @param {(view: ViewState) => void} send */
  deliver(send) {
    this.send = send;
    if (!this.take() && this.data) this.viewer.update(this.data, send);
  }

  // Whether there was something new.
  take() {
    const text = this.around.querySelector(this.box)?.textContent;
    if (!text || text === this.text || !this.send) return false;
    this.text = text;
    this.data = /** @type {GraphData} */ (JSON.parse(text));
    this.viewer.update(this.data, this.send);
    return true;
  }
}
