// What the components of every page need of the browser's document.

/**
 * A new HTML element.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} [text]
 * @param {string} [className]
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, text = "", className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

/**
 * A new SVG element.
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} name
 * @param {Record<string, string | number>} [attributes]
 * @param {string} [text]
 * @returns {SVGElementTagNameMap[T]}
 */
export function svgElement(name, attributes = {}, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (text) made.textContent = text;
  return made;
}

/**
 * The element that `selector` names below `root`. The templates contain it, so its absence is a mistake of ours.
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function only(root, selector) {
  const found = root.querySelector(selector);
  if (!found) throw new Error(`no element matches ${selector}`);
  return /** @type {HTMLElement} */ (found);
}

/**
 * Add several listeners to one element.
 * @param {HTMLElement} target
 * @param {{ [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void }} handlers
 */
export function listen(target, handlers) {
  // passive: false, because a wheel that zooms must not scroll the page as well.
  for (const [name, act] of Object.entries(handlers)) target.addEventListener(name, /** @type {EventListener} */ (act), { passive: false });
}

/**
 * Red, green and blue of a colour written as #rrggbb or rgb(...), 0 to 255.
 * @param {string} colour
 */
export function rgbOf(colour) {
  if (colour.startsWith("#")) return [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
  return (colour.match(/[\d.]+/g) ?? ["0", "0", "0"]).map(Number);
}

/**
 * Whether light text reads well on `colour`.
 * @param {string} colour
 */
export function isDark(colour) {
  const [r, g, b] = rgbOf(colour);
  return 0.299 * r + 0.587 * g + 0.114 * b < 128;
}
