// Colours by kind or by cost, and the legend. No new layout: a box's fill, ink and bar are set in place.

const rgbOf = (colour) => (colour.startsWith("#") ? [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16)) : colour.match(/[\d.]+/g).map(Number));

function rampAt(stops, share) {
  const place = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const low = Math.min(Math.floor(place), stops.length - 2);
  const [a, b] = [rgbOf(stops[low]), rgbOf(stops[low + 1])];
  return a.map((v, i) => Math.round(v + (b[i] - v) * (place - low)));
}

const luminance = (rgb) => {
  const [r, g, b] = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

// Colour runs with the square root, so that a twentieth of the most is still seen; the bar's length is the plain share.
const shareOf = (value, most) => (most > 0 ? Math.sqrt(Math.max(value, 0) / most) : 0);

function fillOverlays(viewer) {
  const select = viewer.root.querySelector("select.overlay");
  const wanted = viewer.data.overlays.map((o) => o.id).join();
  if (select.dataset.options !== wanted) {
    select.dataset.options = wanted;
    select.replaceChildren(...viewer.data.overlays.map((o) => Object.assign(element("option", o.label), { value: o.id })));
  }
  viewer.overlay = viewer.data.overlays.some((o) => o.id === viewer.wanted) ? viewer.wanted : ""; // one that is missing now may come back
  select.value = viewer.overlay;
}

function paint(viewer) {
  const by = viewer.overlay;
  const items = viewer.data.items;
  const most = by ? viewer.data.scale[by] ?? Math.max(0, ...[...viewer.nodes.keys()].map((id) => items[id].m[by] ?? 0)) : 0;
  const stops = viewer.data.ramp[viewer.root.classList.contains("dark") ? 1 : 0];
  viewer.svg.classList.toggle("costs", Boolean(by));
  viewer.svg.querySelectorAll(".share").forEach((bar) => bar.remove());
  for (const [id, g] of viewer.nodes) {
    const value = by && items[id].k !== "input" && items[id].k !== "output" ? items[id].m[by] : null;
    g.classList.toggle("empty", Boolean(by) && value == null);
    if (value == null) {
      g.style.removeProperty("--fill");
      g.style.removeProperty("--ink");
      continue;
    }
    const rgb = rampAt(stops, shareOf(value, most));
    g.style.setProperty("--fill", `rgb(${rgb.join()})`);
    g.style.setProperty("--ink", luminance(rgb) > 0.3 ? "#14171c" : "#ffffff");
    if (most > 0) addShare(g, value / most);
  }
  legend(viewer, most, stops);
}

function addShare(g, share) {
  const box = boxOf(g);
  const room = box.width - 20;
  if (room < 20 || room * share < 2) return;
  g.querySelector(".body").after(drawn("rect", { class: "share", x: box.x + 10, y: box.y + box.height - 7, width: Math.max(room * Math.min(share, 1), 1), height: 3, rx: 1.5 }));
}

function legend(viewer, most, stops) {
  const place = viewer.root.querySelector(".legend");
  const chosen = viewer.data.overlays.find((o) => o.id === viewer.overlay);
  const extra = viewer.data.changed.length ? [chip("changed", viewer.word("changed by the last turn"))] : [];
  if (viewer.data.failed.length) extra.push(chip("failed", "fails here"));
  const said = new Set(Object.values(viewer.data.marks));
  extra.push(...["added", "removed", "changed", "equal"].filter((mark) => said.has(mark)).map((mark) => chip(`mark mark-${mark}`, `${SIGNS[mark] ?? "="} ${mark}`)));
  if (!viewer.overlay || !chosen) {
    const kinds = viewer.data.kinds.map((kind) => chip(`k-${kind}`, viewer.word(kind)));
    place.replaceChildren(...kinds, ...(viewer.svg.querySelector(".edge.residual") ? [chip("path-residual", viewer.word("shortcut"))] : []), ...extra);
    return;
  }
  const strip = element("span", "", "strip");
  strip.style.background = `linear-gradient(90deg, ${stops.join()})`;
  place.replaceChildren(element("b", viewer.word(chosen.label)), element("span", "0"), strip, element("span", `${quantity(most / 4, chosen.unit)} ${viewer.word("at the middle")}, ${quantity(most, chosen.unit)} ${viewer.word("at most")}`), ...extra);
}

function chip(className, text) {
  const made = element("span", text, `chip ${className}`);
  made.prepend(element("i"));
  return made;
}

function quantity(value, unit) {
  if (value == null) return "–";
  if (unit === "B") return scaled(value, 1024, ["B", "KiB", "MiB", "GiB", "TiB"]);
  if (unit === "s") return scaled(value * 1e6, 1000, ["µs", "ms", "s"]);
  if (unit === "px" || unit === "FLOP/B") return `${Number(value.toPrecision(4))} ${unit}`;
  return scaled(value, 1000, ["", "k", "M", "G", "T", "P"]);
}

function scaled(value, base, units) {
  let i = 0;
  while (value >= base && i < units.length - 1) [value, i] = [value / base, i + 1];
  return `${i === 0 && Number.isInteger(value) ? value : value.toPrecision(3)} ${units[i]}`.trim();
}
