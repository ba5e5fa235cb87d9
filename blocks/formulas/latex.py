"""Polynomials as LaTeX, laid out as on a board: fractions, thin spaces between letters, one bracket where terms share a factor."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction

from blocks.formulas.polynomial import ONE, Atom, Monomial, Opaque, Poly, content, divide
from blocks.trace.terms import Number

_GREEK = {name: rf"\{name}" for name in ("alpha", "beta", "gamma", "delta", "theta", "phi", "rho", "sigma")} | {"epsilon": r"\varepsilon"}
#: Sizes of the input lead, then kernels, then channels, then the rest by name.
_ORDER = {"B": 0, "T": 1, "H": 2, "W": 3, "N": 4, "k": 10, "P": 10, "s": 60, "g": 61, "r": 62}

Write = Callable[[str], str]


def letter(name: str) -> str:
    """A symbol's name in LaTeX: C_in becomes C with an upright index."""
    head, _, index = name.partition("_")
    head = _GREEK.get(head, head)
    if not index:
        return head
    index = _GREEK.get(index, index)
    upright = index if index.isdigit() or index.startswith("\\") or len(index) == 1 else rf"\mathrm{{{index}}}"
    return f"{head}_{{{upright}}}"


def _rank(atom: Atom) -> tuple[int, str]:
    if isinstance(atom, Opaque):
        return (70, atom.kind)
    base = atom.split("_")[0]
    return (_ORDER.get(atom, _ORDER.get(base, 30)), atom)


def spaced_number(number: Fraction | int | float) -> str:
    """A number with thin spaces between thousands."""
    if isinstance(number, Fraction):
        if number.denominator == 1:
            return spaced_number(number.numerator)
        decimal = float(number)
        if Fraction(str(decimal)) == number and len(str(decimal)) <= 6:
            return str(decimal)
        return rf"\tfrac{{{spaced_number(number.numerator)}}}{{{spaced_number(number.denominator)}}}"
    if isinstance(number, float):
        return spaced_number(int(number)) if number.is_integer() else f"{number:g}"
    return re.sub(r"(?<=\d)(?=(\d{3})+$)", r"\\,", str(number))


def monomial(coefficient: Fraction, powers: Monomial, write: Write = letter, dot: str = r"\,") -> str:
    """One term, with its denominator below a line."""
    above = [_power(a, e, write) for a, e in sorted(powers, key=lambda p: _rank(p[0])) if e > 0]
    below = [_power(a, -e, write) for a, e in sorted(powers, key=lambda p: _rank(p[0])) if e < 0]
    top, bottom = abs(coefficient).numerator, abs(coefficient).denominator
    if not below and bottom != 1 and Fraction(str(float(coefficient))) == coefficient:
        numbers, bottom = [spaced_number(abs(coefficient))], 1
    else:
        numbers = [spaced_number(top)] if top != 1 or not above else []
    if bottom != 1:
        below.insert(0, spaced_number(bottom))
    joined = dot.join(numbers + above)
    return rf"\frac{{{joined}}}{{{dot.join(below)}}}" if below else joined


def _power(atom: Atom, exponent: int, write: Write) -> str:
    text = write(atom) if isinstance(atom, str) else opaque_latex(atom, write)
    return text if exponent == 1 else f"{text}^{{{exponent}}}"


def opaque_latex(atom: Opaque, write: Write = letter) -> str:
    """A floor, ceiling, rounding or other part that stays as it is."""
    args = [polynomial(p, write) for p in atom.polys]
    if atom.kind == "floor":
        inner = rf"\tfrac{{{args[0]}}}{{{args[1]}}}" if len(args) == 2 else args[0]
        return rf"\left\lfloor {inner}\right\rfloor"
    if atom.kind == "ceil":
        return rf"\left\lceil \tfrac{{{args[0]}}}{{{args[1]}}}\right\rceil"
    if atom.kind == "div":
        return rf"\frac{{{args[0]}}}{{{args[1]}}}"
    if atom.kind == "pow":
        return rf"{{{args[0]}}}^{{{args[1]}}}"
    name, _, index = atom.kind.partition("_")
    label = rf"\operatorname{{{name}}}" + (rf"_{{{index}}}" if index else "")
    return rf"{label}\left({', '.join(args)}\right)"


def ordered(poly: Poly) -> list[tuple[Monomial, Fraction]]:
    """Terms in the usual order: highest degree first, positive before negative, the number last."""
    return sorted(poly.items(), key=lambda item: (item[0] == ONE, item[1] < 0, -sum(e for _, e in item[0] if e > 0), [_rank(a) for a, _ in item[0]]))


def signed(parts: list[tuple[bool, str]]) -> str:
    """(negative?, text) parts joined with their signs."""
    text = ""
    for i, (negative, part) in enumerate(parts):
        sign = "-" if negative else "+" if i else ""
        text += f" {sign} {part}" if i else sign + part
    return text or "0"


def polynomial(poly: Poly, write: Write = letter, mark: Callable[[Monomial, str], str] = lambda _, text: text, dot: str = r"\,") -> str:
    """A sum of terms; ``mark`` may dress each term (to light it up)."""
    return signed([(c < 0, mark(m, monomial(c, m, write, dot))) for m, c in ordered(poly)])


def factored(poly: Poly, write: Write = letter) -> str:
    """A sum with what its terms share before a bracket."""
    scale, factor = content(poly)
    inner = divide(poly, {factor: scale})
    if len(inner) == 1 or (factor == ONE and scale == 1):
        return polynomial(poly, write)
    outer = monomial(scale, factor, write)
    return rf"{outer}\left({polynomial(inner, write)}\right)"


def values_written(values: Mapping[str, Number]) -> Write:
    """A writer that puts numbers in place of letters."""
    return lambda name: spaced_number(values[name]) if name in values else letter(name)
