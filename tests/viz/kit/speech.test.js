import assert from "node:assert/strict";
import { test } from "node:test";

import { mathWords, plainLabel } from "../../../viz/kit/assets/speech.js";

/** An element of MathML as KaTeX writes it: of text, or of elements. */
function m(localName, ...inside) {
  const [first, ...more] = inside;
  const attributes = first?.localName === undefined && typeof first === "object" ? first : {};
  const parts = attributes === first ? more : inside;
  const children = parts.filter((part) => typeof part === "object");
  const textContent = parts.map((part) => (typeof part === "string" ? part : part.textContent)).join("");
  return { localName, children, textContent, getAttribute: (name) => attributes[name] ?? null };
}

const i = (letter) => m("mi", letter);
const n = (digits) => m("mn", digits);
const o = (sign) => m("mo", sign);
const upright = (word) => m("mrow", ...[...word].map((letter) => m("mi", { mathvariant: "normal" }, letter)));
const channels = (which) => m("msub", i("C"), upright(which));
const thin = () => m("mtext", "\u2009");
const row = (...parts) => m("mrow", ...parts);

const WORDS = {
  letters: { C_in: "input channels", C_out: "output channels", k: "kernel size", g: "groups", r: "SE ratio", s: "stride", alpha: "width multiplier" },
  phrases: {},
};
const heard = (...parts) => mathWords(m("math", row(...parts), m("annotation", "never read")), WORDS);

test("a convolution's parameters are heard with the knobs' names", () => {
  const product = row(m("msup", i("k"), n("2")), thin(), channels("in"), thin(), channels("out"));
  assert.equal(heard(m("mfrac", product, i("g"))), "kernel size squared times input channels times output channels divided by groups");
});

test("a letter without a name on the page, and an index, are read as they are", () => {
  assert.equal(heard(m("msub", i("C"), i("s")), o("="), m("mfrac", channels("out"), i("r"))), "C sub s equals output channels divided by SE ratio");
  assert.equal(heard(i("α"), o("="), i("β")), "width multiplier equals beta");
});

test("what belongs together is in brackets", () => {
  assert.equal(heard(m("mfrac", row(i("a"), o("+"), n("1")), row(i("b"), thin(), i("c")))), "open bracket a plus 1 close bracket divided by open bracket b times c close bracket");
  assert.equal(heard(m("mfrac", i("a"), m("mfrac", i("b"), i("c")))), "a divided by open bracket b divided by c close bracket");
  assert.equal(heard(i("B"), thin(), row(o("("), i("x"), o("−"), n("1"), m("msup", o(")"), n("3")))), "B times open bracket x minus 1 close bracket cubed");
  assert.equal(heard(m("msup", i("x"), row(i("n"), o("+"), n("1")))), "x to the power of open bracket n plus 1 close bracket");
});

test("a number is one number, a unit no factor, and a function none either", () => {
  assert.equal(heard(n("7"), thin(), n("225"), thin(), n("344")), "7225344");
  assert.equal(heard(n("2"), thin(), i("k")), "2 times kernel size");
  assert.equal(heard(n("247.9"), thin(), upright("M"), thin(), i("k")), "247.9 M times kernel size");
  assert.equal(heard(i("f"), o("("), i("x"), o(")")), "f open bracket x close bracket");
});

test("conditions, roundings, sums and lines have words", () => {
  assert.equal(heard(i("g"), o("∣"), channels("in")), "groups divides input channels");
  assert.equal(heard(i("s"), o("≠"), n("1")), "stride is not 1");
  assert.equal(heard(o("⌊"), m("mfrac", i("H"), i("s")), o("⌋")), "floor of H divided by stride end of floor");
  assert.equal(heard(m("munderover", o("∑"), row(i("i"), o("="), n("1")), i("n")), m("msub", i("x"), i("i"))), "the sum from i equals 1 to n of x sub i");
  assert.equal(heard(m("mtable", m("mtr", m("mtd", i("k"))), m("mtr", m("mtd", row(o("="), n("3")))))), "kernel size, equals 3");
});

test("the words are the page's language's", () => {
  const zh = { letters: { k: "卷积核大小", g: "分组数" }, phrases: { "divided by": "除以", "{base} squared": "{base}的平方" } };
  assert.equal(mathWords(m("mfrac", m("msup", i("k"), n("2")), i("g")), zh), "卷积核大小的平方 除以 分组数");
});

test("a widget's name has plain letters", () => {
  assert.equal(plainLabel("Input channels $C_{\\mathrm{in}}$"), "Input channels C in");
  assert.equal(plainLabel("Help for Width multiplier $\\alpha$"), "Help for Width multiplier alpha");
  assert.equal(plainLabel("Expansion $\\varepsilon_{1}$"), "Expansion epsilon 1");
  assert.equal(plainLabel("Resolution $H = W$"), "Resolution H = W");
  assert.equal(plainLabel("a price of 3 $"), "a price of 3 $");
});
