// The card of what is selected, search results and downloads.

function showCard(viewer) {
  const card = viewer.root.querySelector(".card");
  const item = viewer.data.items?.[viewer.view.selected];
  card.hidden = !item;
  if (!item) return;
  const close = element("button", "×", "close");
  close.onclick = () => viewer.select(null);
  const more = viewer.data.card?.id === viewer.view.selected ? viewer.data.card : null;
  const rows = viewer.data.overlays.filter((o) => o.id && item.m[o.id] != null).map((o) => [o.label, quantity(item.m[o.id], o.unit), String(item.m[o.id])]);
  const facts = viewer.view.ref && more?.tensor ? [["Tensor", more.tensor]] : (more?.facts ?? []);
  card.replaceChildren(
    close, element("h4", item.t), element("div", item.path || "the network", "path"), table([...facts, ...rows]),
    ...(more?.formulas ?? []).map((line) => formulaLine(line)),
    ...(more?.knobs ? [element("div", more.knobs, "note")] : []), ...(more?.source ? [element("div", more.source, "note source")] : []),
    ...(more?.field ? [fieldPanel(more.field)] : []),
  );
  if (item.opens) {
    const button = element("button", viewer.view.open.includes(viewer.view.selected) || viewer.frames?.has(viewer.view.selected) ? "Close" : "Open", "open");
    button.onclick = () => viewer.toggle(viewer.view.selected);
    card.append(button);
  }
}

// "C_mid" as C with a lowered "mid".
function formulaLine(line) {
  const made = element("div", "", "formula");
  for (const part of line.split(/(_[A-Za-z0-9]+)/)) made.append(part.startsWith("_") ? element("sub", part.slice(1)) : part);
  return made;
}

function table(rows) {
  const made = element("table");
  for (const [name, value, exact] of rows) {
    const row = made.insertRow();
    row.append(element("th", name), element("td", value));
    if (exact) row.lastChild.title = exact;
  }
  return made;
}

// --- search ---------------------------------------------------------------------------------------

function listenSearch(viewer) {
  const input = viewer.root.querySelector(".search");
  const list = viewer.root.querySelector(".found");
  let wait;
  const ask = () => viewer.tell({ find: input.value.trim() });
  const look = () => {
    clearTimeout(wait);
    wait = setTimeout(ask, 180);
  };
  const take = () => {
    if (viewer.data.view.find === input.value.trim()) return list.firstChild?.click();
    clearTimeout(wait);
    viewer.taking = input.value.trim(); // the list is of what was typed before: the first of the new one is taken when it comes
    ask();
  };
  const key = (e) => {
    e.stopPropagation();
    if (e.key === "Escape") {
      input.value = "";
      viewer.tell({ find: "" });
      viewer.root.focus({ preventScroll: true });
    } else if (e.key === "Enter" && input.value.trim()) take();
    else if (e.key === "ArrowDown") list.firstChild?.focus();
  };
  listen([[input, "input", look], [input, "keydown", key]]);
}

function showFound(viewer) {
  const list = viewer.root.querySelector(".found");
  const input = viewer.root.querySelector(".search");
  const found = viewer.data.found ?? [];
  list.hidden = !viewer.view.find || document.activeElement === null;
  list.replaceChildren(...found.map((hit) => foundEntry(viewer, list, input, hit)));
  if (viewer.view.find && !found.length) list.append(element("li", `nothing is called “${viewer.view.find}”`, "none"));
  const ids = new Set(viewer.view.find ? found.map((hit) => hit.shown) : []);
  for (const [id, g] of viewer.nodes) g.classList.toggle("found", ids.has(id));
  if (viewer.taking && viewer.taking === viewer.data.view.find) setTimeout(() => list.firstChild?.click());
  if (viewer.taking === viewer.data.view.find || viewer.taking !== input.value.trim()) viewer.taking = null;
}

function foundEntry(viewer, list, input, hit) {
  const entry = element("li", "", `k-${hit.kind}`);
  entry.tabIndex = 0;
  entry.append(element("b", hit.title), element("span", hit.path));
  entry.onclick = () => {
    list.hidden = true;
    input.value = "";
    viewer.camera.moved = true;
    viewer.tell({ find: "", reveal: hit.id, selected: hit.id, ref: null });
    viewer.root.focus({ preventScroll: true });
  };
  entry.onkeydown = (e) => {
    e.stopPropagation();
    if (e.key === "Enter") entry.click();
    else if (e.key === "ArrowDown") entry.nextSibling?.focus();
    else if (e.key === "ArrowUp") (entry.previousSibling ?? input).focus();
  };
  return entry;
}

// --- downloads --------------------------------------------------------------------------------------

const FORMATS = [["svg", "SVG, vector picture"], ["png", "PNG, twice the size"], ["pdf", "PDF, vector picture"], ["html", "HTML, works without a server"], ["dot", "DOT, Graphviz"], ["mermaid", "Mermaid"], ["json", "JSON, the traced graph"]];

function order(viewer, format) {
  viewer.tell({ export: { format, overlay: viewer.overlay, dark: viewer.root.classList.contains("dark"), n: (viewer.data.download?.n ?? 0) + 1 } });
}

async function deliver({ name, mime, text, base64, raster }) {
  const bytes = base64 ? Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)) : text;
  let blob = new Blob([bytes], { type: mime });
  if (raster) blob = await rasterised(blob, raster);
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

async function rasterised(blob, { width, height, scale }) {
  const image = new Image();
  image.src = URL.createObjectURL(blob);
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: width * scale, height: height * scale });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}
