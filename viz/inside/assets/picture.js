// The picture, with heat over it, the field that a chosen number sees and the outline of what acts on it; an image in the clipboard that is pasted on the page.

import { element, only, svgElement } from "../../kit/assets/dom.js";
import { drawMap } from "./colours.js";

/** @import { PictureData, Region } from "./types.d.ts" */

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
 * The outline of cells as an SVG path, in pixels of the picture.
 * @param {Region} region
 */
export function outlinePath({ cells, rows, columns }) {
  const at = (/** @type {number} */ i, /** @type {number} */ j) => cells[i]?.[j] === "1";
  const parts = [];
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < columns.length; j++) {
      if (at(i, j) !== at(i - 1, j)) parts.push(`M${columns[j]} ${rows[i]}H${columns[j + 1]}`);
      if (at(i, j) !== at(i, j - 1)) parts.push(`M${columns[j]} ${rows[i]}V${rows[i + 1]}`);
    }
  }
  return parts.join("");
}

/**
 * Draw the outline of a region over the picture, or nothing.
 * @param {HTMLElement} root
 * @param {Region | null} region
 * @param {[number, number]} size height and width
 */
function drawOutline(root, region, size) {
  root.querySelector("svg")?.remove();
  if (!region) return;
  const drawn = svgElement("svg", { viewBox: `0 0 ${size[1]} ${size[0]}`, preserveAspectRatio: "none", class: "outline", "aria-hidden": "true" });
  const path = outlinePath(region);
  drawn.append(svgElement("path", { d: path, class: "under" }), svgElement("path", { d: path }));
  root.append(drawn);
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
  drawOutline(root, data.region, data.size);
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
