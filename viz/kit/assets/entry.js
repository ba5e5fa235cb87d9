// Which address an entry of the browser's history gets, and what a tab remembers that its session does not know.

const OWN = ["embed", "embed_options"]; // Streamlit's own parameters stay

/**
 * Path and parameters for the entry of `page`, or null while the path is another page's.
 * @param {string} path @param {string} search @param {string} page @param {string} query
 */
export function entryUrl(path, search, page, query) {
  if (path.slice(path.lastIndexOf("/") + 1) !== page) return null;
  const kept = new URLSearchParams();
  for (const [name, value] of new URLSearchParams(search)) if (OWN.includes(name)) kept.append(name, value);
  const all = [query, kept.toString()].filter(Boolean).join("&");
  return all ? `${path}?${all}` : path;
}

/**
 * The addresses in `text`, as a tab kept them, of pages that are not in `known`.
 * @param {string | null} text @param {Record<string, string>} known
 * @returns {Record<string, string>}
 */
export function forgotten(text, known) {
  /** @type {unknown} */
  let kept = null;
  try {
    kept = JSON.parse(text ?? "null");
  } catch {
    // Not ours, or cut off: nothing is remembered.
  }
  if (kept === null || typeof kept !== "object") return {};
  return Object.fromEntries(Object.entries(kept).filter(([page, query]) => !(page in known) && typeof query === "string"));
}
