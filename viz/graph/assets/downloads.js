// Files that the browser saves.

/** @import { Download } from "./types.d.ts" */
/** @import { Viewer } from "./viewer.js" */

export const FORMATS = [
  ["svg", "SVG, vector picture"], ["png", "PNG, twice the size"], ["pdf", "PDF, vector picture"], ["html", "HTML, works without a server"],
  ["dot", "DOT, Graphviz"], ["mermaid", "Mermaid"], ["json", "JSON, the traced graph"],
];

/**
 * Ask the server for a file.
 * @param {Viewer} viewer
 * @param {string} format
 */
export function order(viewer, format) {
  const n = (viewer.data.download?.n ?? 0) + 1;
  viewer.tell({ export: { format, overlay: viewer.overlay, dark: viewer.root.classList.contains("dark"), n } });
}

/** @param {Download} download */
export async function deliver({ name, mime, text, base64, raster }) {
  const bytes = base64 ? Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)) : (text ?? "");
  const blob = new Blob([bytes], { type: mime });
  saveBlob(raster ? await rasterised(blob, raster) : blob, name);
}

/**
 * @param {Blob} blob
 * @param {string} name
 */
export function saveBlob(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/**
 * An SVG as PNG, `scale` times its size.
 * @param {Blob} svg
 * @param {{ width: number, height: number, scale: number }} size
 * @param {string} [ground] a colour to draw on; transparent without one
 * @returns {Promise<Blob>}
 */
export async function rasterised(svg, { width, height, scale }, ground = "") {
  const image = new Image();
  image.src = URL.createObjectURL(svg);
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: width * scale, height: height * scale });
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("the browser gives no canvas to draw on");
  if (ground) {
    pen.fillStyle = ground;
    pen.fillRect(0, 0, canvas.width, canvas.height);
  }
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  return new Promise((done, fail) => canvas.toBlob((png) => (png ? done(png) : fail(new Error("the picture is too large for a PNG"))), "image/png"));
}
