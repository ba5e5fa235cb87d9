// The viewer's answers without a server. Every module's inside was laid out beforehand; opening one stretches the picture around it:
// along each axis the room that an open module takes grows to what its inside needs, and all that lies beyond moves on.

const ROOM = { side: 16, top: 44, bottom: 16, tight: 9, stack: 7 };

class Book {
  constructor(book) {
    Object.assign(this, book);
    this.rank = new Map(Object.keys(this.items).map((id, i) => [id, i]));
  }

  // --- one answer, as the server gives it ---------------------------------------------------------
  answer(wish) {
    const open = new Set(wish.level ? this.levels[wish.level] : wish.open);
    if (wish.reveal && this.items[wish.reveal]) for (const id of this.around(wish.reveal)) open.add(id);
    const made = { frames: [], edges: [], headings: [], nodes: [] };
    const whole = this.compose("", open);
    const margin = 24;
    this.emit("", whole, margin, margin, made);
    const [w, h] = whole.size.map((v) => v + 2 * margin);
    const groups = Object.entries(made).map(([name, parts]) => `<g class="${name}">${parts.join("")}</g>`);
    const view = { ...wish, open: [...open], find: wish.find ?? "", reveal: null, export: null };
    view.selected = this.visible(wish.selected, open);
    return {
      of: this.of, direction: this.direction, items: this.items, overlays: this.overlays, ramp: this.ramp, kinds: this.kinds, changed: [], failed: [], marks: {}, scale: {},
      svg: `<svg xmlns="http://www.w3.org/2000/svg" class="graph" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}">${groups.join("")}</svg>`,
      card: view.selected === null ? null : this.items[view.selected].card, found: this.find(view.find, open), reveal: wish.reveal, error: this.error, view,
      key: "offline", height: window.innerHeight, overlay: "", group: "", download: null,
    };
  }

  around(id) {
    const found = [];
    for (let at = this.items[id].parent; at; at = this.items[at].parent) found.push(at);
    return found;
  }

  visible(id, open) {
    if (id == null || !this.items[id]) return null;
    return [...this.around(id).reverse(), id].find((at) => at === id || !open.has(at)) ?? id;
  }

  find(text, open) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return [];
    const fits = ([id, item]) => id && words.every((w) => `${item.t} ${item.path} ${item.k}`.toLowerCase().includes(w));
    return Object.entries(this.items).filter(fits).slice(0, 30).map(([id, item]) => ({ id, title: item.t, path: item.path, kind: item.k, shown: this.visible(id, open) }));
  }

  // --- places -----------------------------------------------------------------------------------------
  // The inside of `id` with everything open in it: its size, its boxes, and the maps that its lines follow.
  compose(id, open) {
    const inside = this.insides[id];
    const parts = new Map();
    for (const child of this.items[id].inside) {
      if (open.has(child) && this.items[child].opens) parts.set(child, this.compose(child, open));
    }
    const sizes = new Map([...parts].map(([child, part]) => [child, this.framed(child, part)]));
    const maps = [0, 1].map((axis) => stretched([...sizes].map(([child, size]) => [inside.boxes[child][axis], inside.boxes[child][axis + 2], size[axis]])));
    const boxes = {};
    for (const [child, [x, y, w, h]] of Object.entries(inside.boxes)) {
      const [W, H] = sizes.get(child) ?? [w, h];
      boxes[child] = [maps[0](x + w / 2) - W / 2, maps[1](y + h / 2) - H / 2, W, H];
    }
    return { size: inside.size.map((v, axis) => maps[axis](v)), boxes, parts, maps };
  }

  framed(id, part) {
    const { side, top, bottom, tight } = ROOM;
    if (this.items[id].role === "fused") return part.size.map((v) => v + 2 * tight);
    return [Math.max(part.size[0] + 2 * side, this.items[id].plate + side), part.size[1] + top + bottom];
  }

  // Where the inside of an open item begins within its frame.
  inner(id, part, [, , w]) {
    return this.items[id].role === "fused" ? [ROOM.tight, ROOM.tight] : [(w - part.size[0]) / 2, ROOM.top];
  }

  // --- drawing ----------------------------------------------------------------------------------------
  emit(id, composed, dx, dy, made, frame = null) {
    const inside = this.insides[id];
    for (const line of inside.lines) made.edges.push(this.line(line, inside, composed, dx, dy, frame));
    for (const child of this.items[id].inside) {
      const [x, y, w, h] = composed.boxes[child];
      const part = composed.parts.get(child);
      if (!part) {
        made.nodes.push(this.node(child, x + dx, y + dy));
        continue;
      }
      const place = [x + dx, y + dy, w, h];
      const item = this.items[child];
      made.frames.push(`<g class="frame ${item.role} k-module" data-id=${quoted(child)} data-box="${place.join(" ")}"><path class="frame" d="${roundedPath(...place, 14)}"/></g>`);
      made.headings.push(this.plate(child, place));
      const [ix, iy] = this.inner(child, part, place);
      this.emit(child, part, place[0] + ix, place[1] + iy, made, { place, part });
    }
  }

  node(id, x, y) {
    const item = this.items[id];
    const shapes = item.shapes.map(([style, content, tx, ty, anchor]) =>
      tx === undefined
        ? `<path class="${style}" d="${moved(content, x, y)}"/>`
        : `<text class="${style}" x="${(tx + x).toFixed(1)}" y="${(ty + y).toFixed(1)}" text-anchor="${anchor}">${escaped(content)}</text>`,
    );
    const [w, h] = item.classes.includes("stack") ? item.size.map((v) => v - ROOM.stack) : item.size;
    return `<g class="${item.classes} k-${item.k}" data-id=${quoted(id)} data-box="${x} ${y} ${w} ${h}">${shapes.join("")}</g>`;
  }

  plate(id, [x, y, w]) {
    const item = this.items[id];
    const badge = (cx, cy) => `<path class="badge" d="${roundedPath(cx - 8, cy - 8, 16, 16, 8)}"/><path class="badge-sign" d="M${cx - 3.5} ${cy}L${cx + 3.5} ${cy}"/><path class="badge-room" d="${roundedPath(cx - 14, cy - 14, 28, 28, 14)}"/>`;
    if (item.role === "fused") return `<g class="framed fused k-module" data-id=${quoted(id)}>${badge(x + w - 1, y + 1)}</g>`;
    const left = x + (this.direction === "TB" ? (w - item.plate) / 2 : Math.min(12, (w - item.plate) / 2));
    return `<g class="framed k-module" data-id=${quoted(id)}><path class="chip" d="${roundedPath(left, y + 8, item.plate, 26, 13)}"/><text class="heading" x="${left + 15}" y="${y + 25.5}">${escaped(item.heading)}</text>${badge(left + item.plate - 15, y + 21)}</g>`;
  }

  line({ from, to, ref, path, c, text, points }, inside, composed, dx, dy, frame) {
    const ends = [from, to].map((id) => this.end(id, inside, composed, frame, dx, dy));
    const last = points.length - 1;
    const at = ([px, py], i) => {
      const end = i <= 0 ? ends[0] : i >= last - 1 ? ends[1] : null;
      return end ? end(px, py) : [composed.maps[0](px) + dx, composed.maps[1](py) + dy];
    };
    const placed = points.map(at);
    const tip = placed[last];
    const base = towards(tip, placed[last - 1], points[last], points[last - 1]);
    placed[last - 1] = base;
    const curve = placed.slice(0, last);
    const d = `M${pair(curve[0])}` + Array.from({ length: (last - 1) / 3 }, (_, i) => `C${pair(curve[3 * i + 1])} ${pair(curve[3 * i + 2])} ${pair(curve[3 * i + 3])}`).join("");
    const [mx, my] = middleOf(curve);
    const label = from === "in" ? "" : `<text class="shape" x="${mx + 7}" y="${my + 4}">${escaped(text)}</text>`;
    const kind = path === "residual" ? "add" : path === "concat" ? "concat" : "";
    const head = to === "out" ? "" : `<path class="head" d="${headPath(base, tip)}"/>`;
    return `<g class="edge ${path}${kind ? ` k-${kind}` : ""}" style="--c:${c}" data-from=${quoted(this.known(from, frame))} data-to=${quoted(this.known(to, frame))} data-ref="${ref}"><path class="line" d="${d}"/>${head}${label}</g>`;
  }

  known(id) {
    return id === "in" || id === "out" ? "" : id;
  }

  // How a line's end moves: with its box, onto the gate of an open module, or onto the frame where it goes outside.
  end(id, inside, composed, frame, dx, dy) {
    const sideways = this.direction === "LR";
    if (id === "in" || id === "out") {
      const [gx, gy] = inside.boxes[id];
      const [x, y] = [composed.maps[0](gx) + dx, composed.maps[1](gy) + dy];
      if (!frame) return () => [x, y];
      const [fx, fy, fw, fh] = frame.place;
      return () => (sideways ? [id === "in" ? fx : fx + fw, y] : [x, id === "in" ? fy : fy + fh]);
    }
    const [x, y, w, h] = inside.boxes[id];
    const [X, Y, W, H] = composed.boxes[id];
    const part = composed.parts.get(id);
    if (!part) return (px, py) => [px - x - w / 2 + X + W / 2 + dx, py - y - h / 2 + Y + H / 2 + dy];
    const [ix, iy] = this.inner(id, part, composed.boxes[id]);
    const gate = (name) => {
      const [gx, gy] = this.insides[id].boxes[name] ?? [this.insides[id].size[0] / 2, this.insides[id].size[1] / 2];
      return [X + ix + part.maps[0](gx) + dx, Y + iy + part.maps[1](gy) + dy];
    };
    // A point in front of the module belongs to its entry, one behind it to its exit.
    return (px, py) => {
      const before = sideways ? px < x + w / 2 : py < y + h / 2;
      const [gx, gy] = gate(before ? "in" : "out");
      return sideways ? [before ? X + dx : X + W + dx, gy] : [gx, before ? Y + dy : Y + H + dy];
    };
  }
}

// A rising map of one axis: between `start` and `start + length` it grows to `room`, where several ask for more the largest counts.
function stretched(asks) {
  const cuts = [...new Set(asks.flatMap(([start, length]) => [start, start + length]))].sort((a, b) => a - b);
  const steps = cuts.slice(1).map((to, i) => {
    const rates = asks.filter(([start, length]) => start <= cuts[i] && start + length >= to).map(([, length, room]) => room / length);
    return [cuts[i], to, Math.max(1, ...rates)];
  });
  return (v) => steps.reduce((sum, [from, to, rate]) => sum + Math.max(0, Math.min(v, to) - from) * (rate - 1), v);
}

// The end of the line, as far before the arrow's tip as it was.
function towards(tip, base, oldTip, oldBase) {
  const [dx, dy] = [oldTip[0] - oldBase[0], oldTip[1] - oldBase[1]];
  return Math.hypot(base[0] - tip[0], base[1] - tip[1]) < 1 || Math.abs(tip[0] - dx - base[0]) + Math.abs(tip[1] - dy - base[1]) > 1 ? [tip[0] - dx, tip[1] - dy] : base;
}

function middleOf(curve) {
  const i = Math.floor((curve.length - 1) / 6) * 3;
  const [a, b, c, d] = curve.slice(i, i + 4);
  return d ? [0, 1].map((k) => (a[k] + 3 * b[k] + 3 * c[k] + d[k]) / 8) : a;
}

const pair = ([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`;
const moved = (d, dx, dy) => d.replace(/(-?[\d.]+) (-?[\d.]+)/g, (_, x, y) => pair([Number(x) + dx, Number(y) + dy]));
const escaped = (text) => text.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "�");
const quoted = (text) => `"${escaped(text).replace(/"/g, "&quot;")}"`;

function headPath(base, tip) {
  const [dx, dy] = [tip[0] - base[0], tip[1] - base[1]];
  const length = Math.hypot(dx, dy) || 1;
  const [nx, ny] = [(-dy / length) * 3.6, (dx / length) * 3.6];
  return `M${pair([base[0] + nx, base[1] + ny])}L${pair(tip)}L${pair([base[0] - nx, base[1] - ny])}Z`;
}

function roundedPath(x, y, w, h, r) {
  const k = r * 0.4477;
  return `M${x + r} ${y}L${x + w - r} ${y}C${x + w - k} ${y} ${x + w} ${y + k} ${x + w} ${y + r}L${x + w} ${y + h - r}C${x + w} ${y + h - k} ${x + w - k} ${y + h} ${x + w - r} ${y + h}L${x + r} ${y + h}C${x + k} ${y + h} ${x} ${y + h - k} ${x} ${y + h - r}L${x} ${y + r}C${x} ${y + k} ${x + k} ${y} ${x + r} ${y}Z`;
}

const book = new Book(JSON.parse(document.getElementById("book").textContent));
const root = document.querySelector(".viewer");
const viewer = (root.viewer = new Viewer(root));
const reply = (wish) => viewer.update(book.answer(wish), (next) => setTimeout(() => reply(next), 0));
reply({ of: book.of, level: "", open: book.open, selected: null, ref: null, find: "", direction: book.direction });
const again = () => reply(viewer.view);
window.addEventListener("resize", again);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
