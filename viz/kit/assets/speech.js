// A formula in words, for those who hear it: read from the MathML that KaTeX writes, with the words that a page has for its letters.

/**
 * What a reader needs of an element of MathML.
 * @typedef {{ localName: string, textContent: string | null, children: ArrayLike<MathNode>, getAttribute: (name: string) => string | null }} MathNode
 * @typedef {{ letters: Record<string, string>, phrases: Record<string, string> }} Vocabulary
 * @typedef {{ kind: "value" | "sign" | "open" | "close" | "space" | "pause", text: string, upright?: boolean }} Token
 */

const GREEK = Object.fromEntries(
  [..."αβγδεθλμπρστφωϵϕ"].map((letter, i) => [letter, "alpha beta gamma delta epsilon theta lambda mu pi rho sigma tau phi omega epsilon phi".split(" ")[i]]),
);
/** @type {Record<string, string>} */
const SIGNS = {
  "+": "plus", "−": "minus", "=": "equals", "⋅": "times", "×": "times", "/": "divided by", "≠": "is not", "≥": "is at least", "≤": "is at most", "<": "is less than",
  ">": "is greater than", "∣": "divides", "∤": "does not divide", mod: "modulo", "≈": "is about", "∝": "grows as", "→": "becomes", "\u2061": "of",
}; // prettier-ignore
/** @type {Record<string, string>} */
const OPENING = { "(": "open bracket", "[": "open bracket", "⌊": "floor of", "⌈": "ceiling of" };
/** @type {Record<string, string>} */
const CLOSING = { ")": "close bracket", "]": "close bracket", "⌋": "end of floor", "⌉": "end of ceiling" };
/** Where the lower and the upper index of an element with indices stand. @type {Record<string, [number, number]>} */
const INDICES = { msub: [1, 0], munder: [1, 0], msup: [0, 1], mover: [0, 1], msubsup: [1, 2], munderover: [1, 2] };
/** @type {Record<string, string>} */
const POWERS = { 2: "{base} squared", 3: "{base} cubed" };
/** @type {Record<string, string>} */
const SUMS = { "∑": "the sum from {low} to {high} of", "∏": "the product from {low} to {high} of" };
const THIN = "\u2009"; // stands between factors, and between the thousands of a number

/**
 * The formula below `node` in words.
 * @param {MathNode} node @param {Vocabulary} vocabulary
 */
export function mathWords(node, vocabulary) {
  return said(tokensOf(node, vocabulary), vocabulary);
}

/**
 * A widget's label with its symbols as plain letters instead of LaTeX: "Input channels C in".
 * @param {string} label
 */
export function plainLabel(label) {
  const plain = (/** @type {string} */ tex) => tex.replace(/\\mathrm|[{}]/g, "").replace(/\\cdot/g, "·").replace(/\\(var)?/g, "").replaceAll("_", " ");
  return label.replace(/\$([^$]*)\$/g, (_, /** @type {string} */ tex) => plain(tex));
}

/** @param {Vocabulary} vocabulary @param {string} key @param {Record<string, string>} [values] */
function phrase(vocabulary, key, values = {}) {
  return (vocabulary.phrases[key] ?? key).replace(/\{(\w+)\}/g, (written, name) => values[name] ?? written);
}

/** @param {MathNode} node @param {Vocabulary} vocabulary @returns {Token[]} */
function tokensOf(node, vocabulary) {
  const text = (node.textContent ?? "").trim();
  const children = Array.from(node.children);
  if (node.localName in INDICES) return withIndices(node.localName, children, vocabulary);
  switch (node.localName) {
    case "annotation":
      return [];
    case "mn":
      return [value(text)];
    case "mi":
      return [node.getAttribute("mathvariant") === "normal" ? { ...value(text), upright: true } : value(nameOf(text, vocabulary) ?? plainLetter(text))];
    case "mo":
      return text ? [operator(text, vocabulary)] : [];
    case "mtext":
      return text ? [{ kind: "sign", text }] : [{ kind: "space", text: node.textContent ?? "" }];
    case "mspace":
      return parseFloat(node.getAttribute("width") ?? "") >= 1 ? [{ kind: "pause", text: "" }] : [{ kind: "space", text: "" }];
    case "mfrac":
      return [value(`${sum(children[0], vocabulary)} ${phrase(vocabulary, "divided by")} ${whole(children[1], vocabulary)}`)];
    case "msqrt":
      return [value(phrase(vocabulary, "the square root of {part}", { part: whole(node.children[0], vocabulary) }))];
    case "mtr":
      return [...flat(children, vocabulary), { kind: "pause", text: "" }];
    default:
      return flat(children, vocabulary);
  }
}

/** @param {MathNode[]} nodes @param {Vocabulary} vocabulary */
const flat = (nodes, vocabulary) => nodes.flatMap((child) => tokensOf(child, vocabulary));

/** @param {string} text @returns {Token} */
const value = (text) => ({ kind: "value", text });

/** @param {string} text */
const plainLetter = (text) => text.replace(/[α-ωϵϕ]/g, (letter) => GREEK[letter] ?? letter);

/** The word for a symbol as the formulas' code writes it ("C_in"), if the page has one. @param {string} symbol @param {Vocabulary} vocabulary */
const nameOf = (symbol, vocabulary) => vocabulary.letters[plainLetter(symbol)];

/** @param {string} text @param {Vocabulary} vocabulary @returns {Token} */
function operator(text, vocabulary) {
  if (text in OPENING) return { kind: "open", text: phrase(vocabulary, OPENING[text]) };
  if (text in CLOSING) return { kind: "close", text: phrase(vocabulary, CLOSING[text]) };
  return { kind: "sign", text: text in SIGNS ? phrase(vocabulary, SIGNS[text]) : text };
}

/** @param {string} words @param {Vocabulary} vocabulary */
const inBrackets = (words, vocabulary) => `${phrase(vocabulary, "open bracket")} ${words} ${phrase(vocabulary, "close bracket")}`;

/** Words for what stands above a fraction's line: a sum in brackets. @param {MathNode} node @param {Vocabulary} vocabulary */
function sum(node, vocabulary) {
  const words = mathWords(node, vocabulary);
  return /[+−=≥≤<>]/.test(node.textContent ?? "") ? inBrackets(words, vocabulary) : words;
}

/** Words for what is one thing to what stands before it: in brackets, where it is more than a letter or a number. @param {MathNode} node @param {Vocabulary} vocabulary */
function whole(node, vocabulary) {
  const tokens = joined(tokensOf(node, vocabulary));
  const words = said(tokens, vocabulary);
  return tokens.length === 1 && !holdsFraction(node) ? words : inBrackets(words, vocabulary);
}

/** @param {MathNode} node @returns {boolean} */
const holdsFraction = (node) => node.localName === "mfrac" || Array.from(node.children).some(holdsFraction);

/** @param {string} kind @param {MathNode[]} parts @param {Vocabulary} vocabulary @returns {Token[]} */
function withIndices(kind, parts, vocabulary) {
  const [base] = parts;
  const [low, high] = INDICES[kind].map((place) => (place ? parts[place] : null));
  const sign = (base.textContent ?? "").trim();
  if (sign in SUMS && low && high) return [{ kind: "sign", text: phrase(vocabulary, SUMS[sign], { low: mathWords(low, vocabulary), high: mathWords(high, vocabulary) }) }];
  const name = low ? indexed(base, low, vocabulary) : mathWords(base, vocabulary);
  // A bracket that is raised closes what is raised.
  return [{ kind: sign in CLOSING ? "close" : "value", text: high ? power(name, high, vocabulary) : name }];
}

/** @param {MathNode} base @param {MathNode} index @param {Vocabulary} vocabulary */
function indexed(base, index, vocabulary) {
  const known = nameOf(`${base.textContent}_${index.textContent}`, vocabulary);
  const bare = { ...vocabulary, letters: {} }; // a letter means something else with an index, and as one
  return known ?? phrase(vocabulary, "{base} sub {index}", { base: mathWords(base, bare), index: mathWords(index, bare) });
}

/** @param {string} base @param {MathNode} exponent @param {Vocabulary} vocabulary */
function power(base, exponent, vocabulary) {
  const named = POWERS[(exponent.textContent ?? "").trim()];
  return named ? phrase(vocabulary, named, { base }) : phrase(vocabulary, "{base} to the power of {exponent}", { base, exponent: whole(exponent, vocabulary) });
}

/** Tokens with the thousands of a number, and the letters of an upright word, put together. @param {Token[]} tokens */
function joined(tokens) {
  /** @type {Token[]} */
  const made = [];
  for (const token of tokens) {
    const [before, last] = [made.at(-2), made.at(-1)];
    if (before && last?.text === THIN && /^\d+$/.test(before.text) && /^\d{3}$/.test(token.text)) {
      made.splice(-2, 2, { ...token, text: before.text + token.text });
    } else if (last?.upright && token.upright) {
      made.splice(-1, 1, { ...token, text: last.text + token.text });
    } else made.push(token);
  }
  return made;
}

/** @param {Token[]} tokens @param {Vocabulary} vocabulary */
function said(tokens, vocabulary) {
  let words = "";
  let before = "pause"; // kind of what was said last
  let spaced = false;
  for (const { kind, text, upright } of joined(tokens)) {
    const product = (before === "value" || before === "close") && ((kind === "value" && !upright) || (kind === "open" && spaced)); // an upright letter is a unit
    if (product) words += ` ${phrase(vocabulary, "times")}`;
    if (kind === "pause" && words) words += ",";
    else if (kind !== "space") words += ` ${text}`;
    spaced = kind === "space";
    if (!spaced) before = kind;
  }
  return words.replace(/ ,/g, ",").replace(/,+/g, ",").replace(/,$/, "").trim();
}
