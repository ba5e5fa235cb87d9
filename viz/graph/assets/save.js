// Two buttons that save a finished SVG: as it is, or as pixels on white.

import { rasterised, saveBlob } from "./downloads.js";

/** @typedef {{ svg: string, name: string, width: number, height: number, scale: number }} Picture */

/** @param {{ data: Picture, parentElement: HTMLElement }} component */
export default function ({ data, parentElement }) {
  const picture = () => new Blob([data.svg], { type: "image/svg+xml" });
  const save = async (/** @type {string | undefined} */ form) =>
    saveBlob(form === "png" ? await rasterised(picture(), data, "#ffffff") : picture(), `${data.name}.${form}`);
  for (const button of parentElement.querySelectorAll("button")) button.onclick = () => save(button.dataset.form);
}
