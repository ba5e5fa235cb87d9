// Every number on the page that does not stand whole in its box: cut off by an ancestor that hides what overflows, ended by "...", or printed over another one.
() => {
  const found = [];
  const NUMBER = /\d/;
  function* roots(root) {
    yield root;
    for (const element of root.querySelectorAll("*")) if (element.shadowRoot) yield* roots(element.shadowRoot);
  }
  const parentOf = (element) => element.parentElement ?? element.getRootNode().host ?? null;
  const shown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const boxes = [];
  for (const root of roots(document.body)) {
    const words = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = words.nextNode(); node; node = words.nextNode()) {
      const holder = node.parentElement;
      if (!NUMBER.test(node.data) || !holder || holder.closest("script, style, .katex, [aria-hidden=true], [translate=no], [data-testid=stIconMaterial], [aria-expanded=false][data-testid=stSidebar], .viewer .sheet, svg, .stCode, pre, option, [data-testid=stTooltipContent]") || !shown(holder)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const lines = [...range.getClientRects()].filter((r) => r.width > 1 && r.height > 1);
      if (!lines.length) continue;
      const text = node.data.trim().slice(0, 50);
      for (const r of lines) boxes.push({ r, text, holder });
      for (let around = holder; around && around !== document.body; around = parentOf(around)) {
        const style = getComputedStyle(around);
        if (style.overflowX === "visible" && style.overflowY === "visible") continue;
        const box = around.getBoundingClientRect();
        if (box.width < 2 || box.height < 2) break; // read by screen readers only
        if (box.right <= 0 || box.left >= innerWidth || lines.every((r) => r.right <= box.left || r.left >= box.right)) break; // put away, as a closed side bar is
        const scrolls = (o) => o === "auto" || o === "scroll";
        for (const r of lines) {
          if (style.overflowX !== "visible" && !scrolls(style.overflowX) && (r.left < box.left - 1 || r.right > box.right + 1)) { found.push(`cut at the side: ${text}`); break; }
          if (style.overflowY !== "visible" && !scrolls(style.overflowY) && (r.top < box.top - r.height / 2 || r.bottom > box.bottom + r.height / 2)) { found.push(`cut above or below: ${text}`); break; }
        }
        if (scrolls(style.overflowX) || scrolls(style.overflowY)) break; // what scrolls can be reached
      }
    }
  }
  for (let i = 0; i < boxes.length; i++)
    for (let j = i + 1; j < boxes.length; j++) {
      const [a, b] = [boxes[i], boxes[j]];
      if (a.holder === b.holder || a.holder.contains(b.holder) || b.holder.contains(a.holder)) continue;
      const wide = Math.min(a.r.right, b.r.right) - Math.max(a.r.left, b.r.left);
      const high = Math.min(a.r.bottom, b.r.bottom) - Math.max(a.r.top, b.r.top);
      if (wide > 2 && high > Math.min(a.r.height, b.r.height) / 3) found.push(`printed over each other: ${a.text} | ${b.text}`);
    }
  return [...new Set(found)];
}
