// Watches every frame of a page from its first on: what stands in it before the browser paints it that a reader should not see.
window.film = { frames: 0, graphs: 0, seen: {} };
const SOURCE = /[{[]\s*"\w+"\s*:|\\(frac|cdot|times|left|mathrm)\b|:material\/|<\/?(div|span|svg|style)\b/;

function* roots(root) {
  yield root;
  for (const element of root.querySelectorAll("*")) if (element.shadowRoot) yield* roots(element.shadowRoot);
}

function note(what) {
  window.film.seen[what] ??= window.film.frames;
}

function look() {
  window.film.frames += 1;
  for (const root of document.body ? roots(document.body) : []) {
    const words = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = words.nextNode(); node; node = words.nextNode()) {
      const holder = node.parentElement;
      if (SOURCE.test(node.data) && !holder?.closest("pre, code, script, style, annotation") && holder?.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
        note(`source text: ${node.data.slice(0, 80)}`);
    }
    for (const viewer of root.querySelectorAll(".viewer")) {
      window.film.graphs += viewer.querySelector(".sheet svg") ? 1 : 0;
      if (getComputedStyle(viewer).display !== "flex") note("a graph without its style");
    }
    for (const formula of root.querySelectorAll(".katex-mathml")) if (getComputedStyle(formula).position !== "absolute") note("a formula without its style");
    for (const main of root.querySelectorAll(".stMainBlockContainer")) if (parseFloat(getComputedStyle(main).paddingTop) > 70) note("the page without its style");
    if (root.querySelector("[data-testid=stSidebarNavLink]")) note("a menu of files");
  }
  requestAnimationFrame(look);
}
requestAnimationFrame(look);
