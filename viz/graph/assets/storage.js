// The user's choices, kept through a reload of the page. Where the browser stores nothing, they last as long as the page.

/**
 * @param {string} key
 * @param {string} name
 * @param {string} value
 */
export const remember = (key, name, value) => stored(() => sessionStorage.setItem(`graph.${key}.${name}`, value));

/**
 * @param {string} key
 * @param {string} name
 * @returns {string | null}
 */
export const recall = (key, name) => stored(() => sessionStorage.getItem(`graph.${key}.${name}`));

/**
 * @template T
 * @param {() => T} use
 * @returns {T | null}
 */
function stored(use) {
  try {
    return use();
  } catch {
    return null;
  }
}
