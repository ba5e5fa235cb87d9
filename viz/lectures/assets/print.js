// One button that opens the browser's own print dialogue.

import { only } from "../../kit/assets/dom.js";

/** @param {{ data: { label: string }, parentElement: HTMLElement }} component */
export default function ({ data, parentElement }) {
  const button = only(parentElement, "button");
  button.textContent = data.label;
  button.onclick = () => window.print();
}
