// The receptive field: a feature map's grid on the left, an input picture on the right. Pointing at a position shows what it sees.

function fieldPanel(field) {
  const panel = element("div", "", "field");
  const [map, picture] = [grid(field.map), grid(field.input)];
  const line = element("div", "Point at a position of the feature map.", "note");
  map.onpointermove = (e) => {
    const box = map.getBoundingClientRect();
    const place = [e.clientY - box.top, e.clientX - box.left].map((v, i) => Math.min(field.map[i] - 1, Math.max(0, Math.floor((v / (i ? box.width : box.height)) * field.map[i]))));
    const seen = place.map((p, i) => seenBy(field.axes[i], p, field.input[i]));
    mark(map, field.map, place.map((p) => [p, p]));
    mark(picture, field.input, seen);
    line.textContent = `position (${place.join(", ")}) sees rows ${seen[0].join("–")}, columns ${seen[1].join("–")}`;
  };
  map.onclick = map.onpointermove;
  const row = element("div", "", "maps");
  row.append(figure(map, `feature map ${field.map.join("×")}`), figure(picture, `input ${field.input.join("×")}`));
  panel.append(element("b", "Receptive field"), row, line);
  return panel;
}

function seenBy([size, stride, low, whole], position, length) {
  if (whole) return [0, length - 1];
  const first = low + position * stride;
  return [Math.max(0, Math.trunc(first)), Math.min(length - 1, Math.trunc(first + size - 1))];
}

function grid([rows, columns]) {
  const canvas = Object.assign(document.createElement("canvas"), { width: 240, height: Math.max(40, Math.round((240 * rows) / columns)) });
  canvas.className = "grid";
  mark(canvas, [rows, columns], null);
  return canvas;
}

function figure(canvas, text) {
  const made = element("figure");
  made.append(canvas, element("figcaption", text));
  return made;
}

function mark(canvas, [rows, columns], range) {
  const pen = canvas.getContext("2d");
  const { width, height } = canvas;
  pen.clearRect(0, 0, width, height);
  scenery(pen, width, height);
  if (columns <= 56) lines(pen, rows, columns, width, height);
  if (!range) return;
  const [[top, bottom], [left, right]] = range;
  const box = [(left / columns) * width, (top / rows) * height, Math.max(3, ((right - left + 1) / columns) * width), Math.max(3, ((bottom - top + 1) / rows) * height)];
  pen.fillStyle = "rgba(255, 140, 40, .45)";
  pen.fillRect(...box);
  pen.strokeStyle = "#d95a00";
  pen.lineWidth = 3;
  pen.strokeRect(...box);
}

// A picture that needs no file: sky, sun, hills.
function scenery(pen, width, height) {
  const sky = pen.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, "#9cc4e8");
  sky.addColorStop(1, "#eef3f4");
  pen.fillStyle = sky;
  pen.fillRect(0, 0, width, height);
  pen.fillStyle = "#f7d774";
  pen.beginPath();
  pen.arc(width * 0.74, height * 0.26, height * 0.11, 0, 7);
  pen.fill();
  for (const [colour, base, swing] of [["#8fae9c", 0.62, 0.12], ["#5f8a70", 0.78, 0.08]]) {
    pen.fillStyle = colour;
    pen.beginPath();
    pen.moveTo(0, height);
    for (let x = 0; x <= width; x += 6) pen.lineTo(x, height * (base + swing * Math.sin((x / width) * 7 + base * 20)));
    pen.lineTo(width, height);
    pen.fill();
  }
}

function lines(pen, rows, columns, width, height) {
  pen.strokeStyle = "rgba(20, 30, 40, .18)";
  pen.lineWidth = 1;
  pen.beginPath();
  for (let i = 1; i < columns; i++) pen.moveTo((i / columns) * width, 0), pen.lineTo((i / columns) * width, height);
  for (let i = 1; i < rows; i++) pen.moveTo(0, (i / rows) * height), pen.lineTo(width, (i / rows) * height);
  pen.stroke();
}
