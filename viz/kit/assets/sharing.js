// Copy the page's address, copy the code that embeds it, change between light and dark.

import { element } from "./dom.js";
import { embedCode } from "./embedding.js";

/** @typedef {{ words: Record<string, string> }} SharingData */

const SAID = 2500; // milliseconds that an answer stays
const ICONS = {
  link: '<path d="M8.5 11.5a3.3 3.3 0 0 0 4.8.2l2.4-2.4a3.3 3.3 0 0 0-4.7-4.7l-1.2 1.2M11.5 8.5a3.3 3.3 0 0 0-4.8-.2l-2.4 2.4a3.3 3.3 0 0 0 4.7 4.7l1.2-1.2"/>',
  embed: '<path d="M7 6 3 10l4 4M13 6l4 4-4 4"/>',
  theme: '<path d="M10 3a7 7 0 0 1 0 14"/><path class="half" d="M10 3a7 7 0 0 0 0 14z"/>',
};

class Sharing {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.said = element("span", "", "said");
    this.said.setAttribute("role", "status");
    this.text = element("input", "", "text"); // where the browser lets no page write to the clipboard
    this.text.readOnly = true;
    this.timer = 0;
  }

  /** @param {Record<string, string>} words */
  update(words) {
    this.text.hidden = true;
    this.text.setAttribute("aria-label", words.copy);
    this.root.replaceChildren(
      this.said, this.text,
      tool("link", words.link, () => this.copy(location.href, words)),
      tool("embed", words.embed, () => this.copy(embedCode(location.href, document.title), words)),
      tool("theme", words.theme, () => void otherTheme(this.root)),
    );
  }

  /**
   * @param {string} text
   * @param {Record<string, string>} words
   */
  async copy(text, words) {
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      done = false;
    }
    this.text.hidden = done;
    this.text.value = text;
    if (!done) this.text.select();
    this.said.textContent = done ? words.copied : words.copy;
    clearTimeout(this.timer);
    if (done) this.timer = window.setTimeout(() => (this.said.textContent = ""), SAID);
  }
}

/**
 * @param {keyof typeof ICONS} name
 * @param {string} label
 * @param {() => void} act
 */
function tool(name, label, act) {
  const made = element("button", "", name);
  made.type = "button";
  made.title = label;
  made.setAttribute("aria-label", label);
  made.onclick = act;
  made.innerHTML = `<svg viewBox="0 0 20 20" aria-hidden="true">${ICONS[name]}</svg>`;
  return made;
}

// Streamlit has no order for its theme. Its menu has, and changes it without a reload.
/** @param {HTMLElement} root */
async function otherTheme(root) {
  const dark = getComputedStyle(root).colorScheme === "dark";
  const menu = /** @type {HTMLElement | null} */ (document.querySelector("[data-testid=stMainMenu] button, button[data-testid=stMainMenu]"));
  menu?.click();
  const wanted = `[data-testid=stMainMenuItem-theme-${dark ? "Light" : "Dark"}]`;
  for (let frame = 0; frame < 60; frame++) {
    const item = /** @type {HTMLElement | null} */ (document.querySelector(wanted));
    if (item) {
      item.click();
      document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
      return;
    }
    await new Promise(requestAnimationFrame);
  }
}

/** @param {{ data: SharingData, parentElement: HTMLElement }} component */
export default function ({ data, parentElement }) {
  const root = /** @type {HTMLElement & { sharing?: Sharing }} */ (parentElement.querySelector(".sharing"));
  if (root.sharing) return; // its words stay as they are, and so does what it says
  root.sharing = new Sharing(root);
  root.sharing.update(data.words);
}
