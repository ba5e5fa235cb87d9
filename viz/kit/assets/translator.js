// Sentences of one language and their like in another. Words in braces stand for what is filled in: "{size} per file".

const PLACE = /\{(\w+)\}/g;

/** @param {string} text */
const quoted = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * The text in the other language; itself where it is not among the sentences.
 * @param {Record<string, string>} words
 * @returns {(text: string) => string}
 */
export function translator(words) {
  const plain = new Map(Object.entries(words).filter(([from]) => !from.includes("{")));
  const patterns = Object.entries(words).filter(([from]) => from.includes("{"));
  const rules = patterns.map(([from, to]) => {
    const names = [...from.matchAll(PLACE)].map((found) => found[1]);
    return { shape: new RegExp(`^${from.split(/\{\w+\}/).map(quoted).join("(.+)")}$`), names, to };
  });
  return (text) => {
    const word = plain.get(text);
    if (word !== undefined) return word;
    for (const { shape, names, to } of rules) {
      const found = shape.exec(text);
      if (found) return to.replace(PLACE, (whole, name) => (names.includes(name) ? (found[names.indexOf(name) + 1] ?? whole) : whole));
    }
    return text;
  };
}

/**
 * The way back. Of two sentences that are one in the other language, the first comes back.
 * @param {Record<string, string>} words
 * @returns {Record<string, string>}
 */
export function inverse(words) {
  return Object.fromEntries(
    Object.entries(words)
      .reverse()
      .map(([from, to]) => [to, from]),
  );
}
