// The receptive field: a feature map's grid on the left, an input picture on the right. Pointing at a position shows what it sees.

import { element } from "../../kit/assets/dom.js";

/** @import { Field, FieldAxis } from "./types.d.ts" */
/** @typedef {[first: number, last: number]} Range */
/** @typedef {[number, number]} Pair */

/**
 * @param {Field} field
 * @param {(text: string, values?: Record<string, string | number>) => string} word translates
 */
export function fieldPanel(field, word) {
  const panel = element("div", "", "field");
  const [map, picture] = [gridCanvas(field.map), gridCanvas(field.input)];
  const line = element("div", word("Point at a position of the feature map."), "note");
  map.onpointermove = (e) => {
    const box = map.getBoundingClientRect();
    const position = [cellAt(e.clientY - box.top, box.height, field.map[0]), cellAt(e.clientX - box.left, box.width, field.map[1])];
    const seen = position.map((p, i) => seenBy(field.axes[i], p, field.input[i]));
    mark(map, field.map, position.map((p) => [p, p]));
    const [rows, columns] = seen;
    mark(picture, field.input, rows && columns ? [rows, columns] : null);
    const at = position.join(", ");
    line.textContent = rows && columns
      ? word("position ({position}) sees rows {rows}, columns {columns}", { position: at, rows: rows.join("–"), columns: columns.join("–") })
      : word("position ({position}) sees nothing of the input", { position: at });
  };
  map.onclick = (e) => map.onpointermove?.(/** @type {PointerEvent} */ (e));
  const row = element("div", "", "maps");
  row.append(figure(map, word("feature map {size}", { size: field.map.join("×") })), figure(picture, word("input {size}", { size: field.input.join("×") })));
  panel.append(element("b", word("Receptive field")), row, line);
  return panel;
}

/**
 * The cell of `count` that lies `at` pixels along `length`.
 * @param {number} at
 * @param {number} length
 * @param {number} count
 */
export const cellAt = (at, length, count) => Math.min(count - 1, Math.max(0, Math.floor((at / length) * count)));

/**
 * The first and the last input position that an output position reads, in an input of `length`; null where it reads none.
 * @param {FieldAxis} axis
 * @param {number} position
 * @param {number} length
 * @returns {Range | null}
 */
export function seenBy([, , , whole, firsts, lasts], position, length) {
  if (whole) return [0, length - 1];
  const at = Math.min(position, firsts.length - 1); // where all positions see the same, one stands for all
  return lasts[at] < firsts[at] ? null : [firsts[at], lasts[at]];
}

/** @param {Pair} shape */
function gridCanvas([rows, columns]) {
  const canvas = Object.assign(document.createElement("canvas"), { width: 240, height: Math.max(40, Math.round((240 * rows) / columns)) });
  canvas.className = "grid";
  mark(canvas, [rows, columns], null);
  return canvas;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {string} text
 */
function figure(canvas, text) {
  const made = element("figure");
  made.append(canvas, element("figcaption", text));
  return made;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Pair} shape
 * @param {number[][] | null} range rows and columns to mark
 */
function mark(canvas, [rows, columns], range) {
  const pen = canvas.getContext("2d");
  if (!pen) return;
  const { width, height } = canvas;
  pen.clearRect(0, 0, width, height);
  drawScenery(pen, width, height);
  if (columns <= 56) drawGrid(pen, rows, columns, width, height);
  if (!range) return;
  const [[top, bottom], [left, right]] = range;
  const [x, y] = [(left / columns) * width, (top / rows) * height];
  const [w, h] = [Math.max(3, ((right - left + 1) / columns) * width), Math.max(3, ((bottom - top + 1) / rows) * height)];
  pen.fillStyle = "rgba(255, 140, 40, .45)";
  pen.fillRect(x, y, w, h);
  pen.strokeStyle = "#d95a00";
  pen.lineWidth = 3;
  pen.strokeRect(x, y, w, h);
}

/**
 * A picture that needs no file: sky, sun, hills.
 * @param {CanvasRenderingContext2D} pen
 * @param {number} width
 * @param {number} height
 */
function drawScenery(pen, width, height) {
  const sky = pen.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, "#9cc4e8");
  sky.addColorStop(1, "#eef3f4");
  pen.fillStyle = sky;
  pen.fillRect(0, 0, width, height);
  pen.fillStyle = "#f7d774";
  pen.beginPath();
  pen.arc(width * 0.74, height * 0.26, height * 0.11, 0, 7);
  pen.fill();
  for (const { colour, base, swing } of [{ colour: "#8fae9c", base: 0.62, swing: 0.12 }, { colour: "#5f8a70", base: 0.78, swing: 0.08 }]) {
    pen.fillStyle = colour;
    pen.beginPath();
    pen.moveTo(0, height);
    for (let x = 0; x <= width; x += 6) pen.lineTo(x, height * (base + swing * Math.sin((x / width) * 7 + base * 20)));
    pen.lineTo(width, height);
    pen.fill();
  }
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number} rows
 * @param {number} columns
 * @param {number} width
 * @param {number} height
 */
function drawGrid(pen, rows, columns, width, height) {
  pen.strokeStyle = "rgba(20, 30, 40, .18)";
  pen.lineWidth = 1;
  pen.beginPath();
  for (let i = 1; i < columns; i++) {
    pen.moveTo((i / columns) * width, 0);
    pen.lineTo((i / columns) * width, height);
  }
  for (let i = 1; i < rows; i++) {
    pen.moveTo(0, (i / rows) * height);
    pen.lineTo(width, (i / rows) * height);
  }
  pen.stroke();
}
