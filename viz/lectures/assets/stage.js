// The stage of a lecture: keys that turn its pages, and type that fits the window. Nothing is drawn here.
const TYPING = "input, textarea, select, [contenteditable=true], [role=slider], [role=combobox], [role=listbox], [role=radiogroup] *";
const STEPS = { ArrowRight: "next", PageDown: "next", ArrowLeft: "previous", PageUp: "previous", Home: "first", End: "last" };

export default function (component) {
  const { data, setStateValue, parentElement } = component;
  const held = (parentElement.stage ??= {});
  held.leave?.();

  const key = (event) => {
    if (!data.turns || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof Element && event.target.closest(TYPING)) return;
    let go = STEPS[event.key];
    if (!go && event.key === "n") go = "notes";
    if (!go && event.key === "p") go = "present";
    if (!go && event.key === "Escape" && data.present) go = "leave";
    if (!go || (!data.present && (event.key === "Home" || event.key === "End" || event.key.startsWith("Page")))) return;
    event.preventDefault();
    // Numbered, and a state and not a trigger: what is pressed while the page runs must not be lost.
    held.pressed = Math.max(held.pressed ?? 0, data.pressed) + 1;
    setStateValue("go", `${held.pressed}:${go}`);
  };
  document.addEventListener("keydown", key);

  // The largest type at which the step fits; long formulas and tables are made as wide as their column, never wider.
  const root = document.documentElement;
  const formulas = () => {
    for (const display of document.querySelectorAll(".st-key-lecture .katex-display")) {
      const inner = display.querySelector(".katex");
      if (!inner) continue;
      display.style.fontSize = "";
      const html = inner.querySelector(".katex-html");
      const wide = html ? html.getBoundingClientRect().width : 0;
      const room = display.parentElement.getBoundingClientRect().width;
      if (room > 0 && wide > room) display.style.fontSize = `${Math.max(0.45, (room / wide) * 0.97)}em`;
    }
  };
  const tables = () => {
    for (const table of document.querySelectorAll(".st-key-lecture table")) {
      table.style.removeProperty("--narrow");
      const room = table.parentElement.getBoundingClientRect().width;
      let narrow = 1;
      while (room > 0 && table.getBoundingClientRect().width > room + 1 && narrow > 0.6) table.style.setProperty("--narrow", (narrow -= 0.04));
    }
  };
  const lines = () => {
    formulas();
    tables();
  };
  const over = () => {
    const main = document.querySelector("[data-testid=stMain]");
    const bar = document.querySelector(".st-key-lecture-bar");
    const content = document.querySelector(".st-key-lecture");
    if (!main || !content) return false;
    const bottom = bar ? bar.getBoundingClientRect().top : main.getBoundingClientRect().bottom;
    return content.getBoundingClientRect().bottom > bottom - 4;
  };
  const fit = () => {
    if (!data.present) {
      root.style.removeProperty("--lecture-scale");
      lines();
      return;
    }
    let scale = 1;
    root.style.setProperty("--lecture-scale", scale);
    lines();
    while (over() && scale > 0.72) {
      scale -= 0.04;
      root.style.setProperty("--lecture-scale", scale);
      lines();
    }
  };
  // What has come to rest says so, and in which window: for whoever prints, photographs or tests the page.
  const seen = () => `${window.innerWidth}x${window.innerHeight}`;
  let waiting = 0;
  const later = () => {
    root.dataset.lecture = "";
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      fit();
      root.dataset.lecture = data.present && seen() !== data.size ? "" : seen();
    }, 80);
  };
  const watch = new MutationObserver(later);
  const main = document.querySelector("[data-testid=stMain]");
  if (main) watch.observe(main, { childList: true, subtree: true });
  // Pictures and typefaces that arrive late move what is below them without a change of the document.
  const grown = new ResizeObserver(later);
  const step = document.querySelector(".st-key-lecture");
  if (step) grown.observe(step);

  const size = () => {
    later();
    clearTimeout(held.telling);
    held.telling = setTimeout(() => {
      if (data.present && seen() !== data.size) setStateValue("size", seen());
    }, 100);
  };
  window.addEventListener("resize", size);
  size();

  held.leave = () => {
    document.removeEventListener("keydown", key);
    window.removeEventListener("resize", size);
    watch.disconnect();
    grown.disconnect();
    clearTimeout(waiting);
    clearTimeout(held.telling);
    root.style.removeProperty("--lecture-scale");
    delete root.dataset.lecture;
  };
  return held.leave;
}
