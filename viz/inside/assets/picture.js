// The picture, with heat over it and the field that a chosen number sees; an image in the clipboard that is pasted on the page.

import { element, only } from "../../kit/assets/dom.js";
import { drawMap } from "./colours.js";

/** @import { PictureData } from "./types.d.ts" */

const LONGEST = 512; // pixels per side of a pasted image that are sent

/**
 * Where the field lies on the picture, in percent: left, top, width, height.
 * @param {[number, number, number, number]} field first and last row, first and last column
 * @param {[number, number]} size height and width
 */
export function fieldBox(field, size) {
  const [top, bottom, left, right] = field;
  const [height, width] = size;
  return { left: (left / width) * 100, top: (top / height) * 100, width: ((right - left + 1) / width) * 100, height: ((bottom - top + 1) / height) * 100 };
}

/**
 * A pasted image as a PNG's address, reduced.
 * @param {Blob} blob
 */
async function reduced(blob) {
  const image = await createImageBitmap(blob);
  const scale = Math.min(1, LONGEST / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
}

/** @param {{ data: PictureData, parentElement: HTMLElement, setTriggerValue: (name: string, value: unknown) => void }} component */
export default function ({ data, parentElement, setTriggerValue }) {
  const root = only(parentElement, ".inside-picture");
  const image = /** @type {HTMLImageElement} */ (root.querySelector("img") ?? element("img"));
  const heat = /** @type {HTMLCanvasElement} */ (root.querySelector("canvas") ?? element("canvas", "", "heat"));
  const box = /** @type {HTMLElement} */ (root.querySelector(".field") ?? element("div", "", "field"));
  if (!image.parentElement) root.append(image, heat, box);
  if (image.src !== data.source) image.src = data.source;
  image.alt = data.alt;
  heat.hidden = !data.overlay;
  if (data.overlay) drawMap(heat, data.overlay, true);
  box.hidden = !data.field;
  if (data.field) {
    const place = fieldBox(data.field, data.size);
    for (const [name, value] of Object.entries(place)) box.style.setProperty(name, `${value}%`);
  }
  const pasted = (/** @type {ClipboardEvent} */ event) => {
    const file = [...(event.clipboardData?.files ?? [])].find((one) => one.type.startsWith("image/"));
    if (!file) return;
    event.preventDefault();
    reduced(file).then(
      (source) => setTriggerValue("pasted", source),
      () => setTriggerValue("pasted", ""), // no image that a browser can read: the page says so
    );
  };
  document.addEventListener("paste", pasted);
  return () => document.removeEventListener("paste", pasted);
}
