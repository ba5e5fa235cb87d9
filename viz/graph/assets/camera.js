// Pan and zoom: one CSS transform on the sheet. While it moves it is a layer of its own; at rest it is drawn anew, so text stays sharp.

const READABLE = [0.9, 1.2]; // the scale at which a picture opens that does not fit: its small text is 11 px on a laptop, 15 px on a projector
const LEAST = 0.7; // smaller it opens in no case, be it never so wide
const ZOOM = [0.03, 4];

// Where a picture of length `size` begins in a window of length `room`: in the middle, or, if it is longer, so that `start` is.
const along = (room, size, start) => (size <= room ? (room - size) / 2 : Math.min(0, Math.max(room - size, room / 2 - start)));

class Camera {
  constructor(stage, sheet) {
    Object.assign(this, { stage, sheet, x: 0, y: 0, k: 1, size: [1, 1], moved: false, start: [0, 0], sideways: false, figure: false });
    this.moves = () => {};
    this.narrowed = () => {};
    this.resize = new ResizeObserver(() => this.resized());
    this.resize.observe(stage);
  }

  apply(glide = false) {
    this.sheet.style.transition = glide ? "transform 160ms ease-out" : "none";
    this.sheet.style.willChange = "transform";
    this.sheet.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.k})`;
    this.sheet.classList.toggle("far", this.k < 0.4);
    this.sheet.classList.toggle("farther", this.k < 0.18);
    clearTimeout(this.rest);
    this.rest = setTimeout(() => (this.sheet.style.willChange = "auto"), 220);
  }

  // The viewer became wider or narrower: the picture is placed anew, unless a person moved it. The card came or went: it stays.
  resized() {
    const { clientWidth, clientHeight } = this.stage.parentElement;
    const whole = this.figure ? `${clientWidth}x${clientHeight}` : clientWidth; // a figure is shown whole, so its height counts too
    const carded = this.wide === whole;
    this.wide = whole;
    if (!carded && !this.moved) this.home();
    else if (carded) this.narrowed();
  }

  // The whole picture if it can be read at that size; else its beginning.
  home(glide = false) {
    const across = this.sideways ? this.stage.clientHeight / this.size[1] : this.stage.clientWidth / this.size[0];
    this.k = Math.min(this.figure ? this.whole() : Math.max(this.whole(), Math.min(this.readable(), across), LEAST), 1.25);
    const [w, h] = this.size.map((s) => s * this.k);
    const { clientWidth: W, clientHeight: H } = this.stage;
    this.x = this.sideways && w > W ? 0 : along(W, w, this.start[0] * this.k);
    this.y = !this.sideways && h > H ? 0 : along(H, h, this.start[1] * this.k);
    this.moved = false;
    this.apply(glide);
  }

  readable() {
    return Math.min(Math.max(this.stage.clientWidth / 900, READABLE[0]), READABLE[1]);
  }

  whole() {
    return Math.min(this.stage.clientWidth / this.size[0], this.stage.clientHeight / this.size[1]);
  }

  fit() {
    this.k = Math.min(this.whole(), 1.4);
    this.x = (this.stage.clientWidth - this.size[0] * this.k) / 2;
    this.y = (this.stage.clientHeight - this.size[1] * this.k) / 2;
    this.move(true);
  }

  // A movement that a person asked for: other graphs of the group follow it.
  move(glide = false) {
    this.moved = true;
    this.apply(glide);
    this.moves();
  }

  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.move();
  }

  zoom(factor, at = null, glide = false) {
    const [px, py] = at ?? [this.stage.clientWidth / 2, this.stage.clientHeight / 2];
    const k = Math.min(Math.max(this.k * factor, ZOOM[0]), ZOOM[1]);
    this.x = px - ((px - this.x) * k) / this.k;
    this.y = py - ((py - this.y) * k) / this.k;
    this.k = k;
    this.move(glide);
  }

  // After a new layout: what was at `anchor.place` is now at `place`; it must not move on the screen.
  hold(anchor, place) {
    if (anchor && place) {
      this.x += (anchor.place[0] - place[0]) * this.k;
      this.y += (anchor.place[1] - place[1]) * this.k;
    }
    this.apply();
  }

  centre(box) {
    if (!box) return;
    this.k = Math.max(this.k, this.readable());
    this.x = this.stage.clientWidth / 2 - (box.x + box.width / 2) * this.k;
    this.y = this.stage.clientHeight / 2 - (box.y + Math.min(box.height, 200) / 2) * this.k;
    this.move(true);
  }

  // Bring a box into sight with the least movement.
  show(box) {
    if (!box) return;
    const edge = 30;
    const left = this.x + box.x * this.k;
    const top = this.y + box.y * this.k;
    const dx = Math.max(edge - left, 0) + Math.min(this.stage.clientWidth - edge - left - box.width * this.k, 0);
    const dy = Math.max(edge - top, 0) + Math.min(this.stage.clientHeight - edge - top - box.height * this.k, 0);
    if (!dx && !dy) return;
    this.x += dx;
    this.y += dy;
    this.move(true);
  }
}
