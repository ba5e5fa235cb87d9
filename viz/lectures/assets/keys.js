// What a key does on a lecture's page.

/** @type {Record<string, string>} */
const STEPS = { ArrowRight: "next", PageDown: "next", ArrowLeft: "previous", PageUp: "previous", Home: "first", End: "last" };
/** @type {Record<string, string>} */
const SWITCHES = { n: "notes", p: "present", o: "overview", l: "language", q: "code", r: "run", f: "full" };

/**
 * The action of a key; "" where it has none. Outside of a presentation, keys that scroll the page are left to the browser.
 * @param {string} key
 * @param {boolean} presenting
 * @param {boolean} covered whether the overview or the QR code lies over the step
 */
export function actionOf(key, presenting, covered = false) {
  if (key === "Escape") return presenting || covered ? "leave" : "";
  if (!presenting && (key === "Home" || key === "End" || key.startsWith("Page"))) return "";
  if (/^[1-9]$/.test(key)) return `step-${key}`;
  return STEPS[key] ?? SWITCHES[key] ?? "";
}
