// The presenter's clock: the time of day, and how long the lecture has been going on.

import { only } from "../../kit/assets/dom.js";

const SECOND = 1000;

/**
 * Elapsed time as minutes and seconds.
 * @param {number} milliseconds
 */
export const elapsed = (milliseconds) => {
  const seconds = Math.floor(milliseconds / SECOND);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
};

/** @param {{ data: { label: string }, parentElement: HTMLElement & { began?: number } }} component */
export default function ({ data, parentElement }) {
  const time = only(parentElement, "time");
  const button = only(parentElement, "button");
  parentElement.began ??= Date.now();
  const show = () => {
    const now = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    time.textContent = `${now} · ${elapsed(Date.now() - (parentElement.began ?? 0))}`;
  };
  button.textContent = data.label;
  button.onclick = () => {
    parentElement.began = Date.now();
    show();
  };
  show();
  const ticking = setInterval(show, SECOND);
  return () => clearInterval(ticking);
}
