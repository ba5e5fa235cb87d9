// The viewer's own words in the language of the page. viz/graph/words.py has them, and hands over their translations by the English.

const ATTRIBUTES = ["title", "aria-label", "placeholder"];
/** Elements of the template whose text is words. */
const TEXTS = ".levels button, .menu button, .help kbd, .help span, .hint";
/** Elements that are filled with words of the language already. */
const FILLED = ".sheet *, .card *, .found *, .legend *, .overlay *";

/**
 * The English of an element, by its attribute, "" for its text; it is looked up once, as what stands there later may be a translation.
 * @type {WeakMap<Element, Record<string, string>>}
 */
const english = new WeakMap();

/**
 * `text` with `values` in its {places}.
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
export const filled = (text, values) => text.replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));

/**
 * Say in the language of `word` what the template says in English.
 * @param {Element} root
 * @param {(text: string) => string} word
 */
export function translateTemplate(root, word) {
  for (const element of [root, ...root.querySelectorAll(["[title]", "[aria-label]", "[placeholder]", TEXTS].join())]) {
    if (element.matches(FILLED)) continue;
    const said = english.get(element) ?? wordsOf(element);
    english.set(element, said);
    for (const [name, text] of Object.entries(said)) {
      if (name) element.setAttribute(name, word(text));
      else element.textContent = word(text);
    }
  }
}

/**
 * @param {Element} element
 * @returns {Record<string, string>}
 */
function wordsOf(element) {
  const said = Object.fromEntries(ATTRIBUTES.filter((name) => element.hasAttribute(name)).map((name) => [name, element.getAttribute(name) ?? ""]));
  return element.matches(TEXTS) ? { ...said, "": element.textContent ?? "" } : said;
}
