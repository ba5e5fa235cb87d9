"""What need not be said: comparisons that the knobs' own ranges, the definitions of names or other conditions decide."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction

from blocks.formulas.polynomial import Monomial, Normaliser, Poly, add, content, divide, multiply_monomials
from blocks.trace.symbolic import Condition
from blocks.trace.terms import Term

Ranges = Mapping[str, tuple[float | None, float | None]]
_INVERSE = {"eq": "ne", "ne": "eq", "lt": "ge", "ge": "lt", "gt": "le", "le": "gt"}


class Entailment:
    """Decides comparisons within ``ranges``, where symbols that ``equalities`` set equal are one."""

    def __init__(self, after: Normaliser, equalities: Iterable[Poly], ranges: Ranges) -> None:
        self.after = after
        self.ranges = ranges
        self.same = _same(equalities)

    def decides(self, c: Condition) -> bool:
        """Whether the comparison comes out as it did wherever the ranges and equalities hold; one of the equalities itself is not decided."""
        if isinstance(c.left, Term) and c.left.op == "mod":
            return False
        short = add(self.after(c.left), self.after(c.right), -1)
        written_out = Normaliser(self.after.known, frozenset(self.after.names))
        difference = add(written_out(c.left), written_out(c.right), -1)
        op = c.op if c.truth else _INVERSE[c.op]
        if op == "eq":
            return _pair(short) is None and not _renamed(difference, self.same)
        low, high = _ends(_renamed(difference, self.same), self.ranges)
        return {"gt": low > 0, "ge": low >= 0, "lt": high < 0, "le": high <= 0, "ne": low > 0 or high < 0}[op]


def _pair(difference: Poly) -> tuple[str, str] | None:
    """The two symbols that a difference of nothing but them sets equal."""
    if len(difference) != 2 or sum(difference.values(), Fraction(0)) or any(len(m) != 1 or m[0][1] != 1 or not isinstance(m[0][0], str) for m in difference):
        return None
    (((a, _),), ((b, _),)) = difference
    return str(a), str(b)


def _same(equalities: Iterable[Poly]) -> dict[str, str]:
    """For each symbol that is equal to others the one that stands for all of them."""
    same: dict[str, str] = {}
    for pair in filter(None, map(_pair, equalities)):
        a, b = (same.get(name, name) for name in sorted(pair))
        same = {name: a if one == b else one for name, one in same.items()} | {b: a, a: a}
    return same


def _renamed(poly: Poly, same: Mapping[str, str]) -> Poly:
    renamed: Poly = {}
    for monomial, c in poly.items():
        one: Monomial = ()
        for atom, e in monomial:
            one = multiply_monomials(one, ((same.get(atom, atom) if isinstance(atom, str) else atom, e),))
        renamed = add(renamed, {one: c})
    return renamed


def _ends(poly: Poly, ranges: Ranges) -> tuple[float, float]:
    """Bounds whose signs bound the polynomial's sign; no bounds where it has parts of which nothing is known."""
    ends = {atom: _range(atom, ranges) for monomial in poly for atom, _ in monomial}
    if not all(low >= 0 for low, _ in ends.values()):
        return -math.inf, math.inf
    factor = tuple((atom, e) for atom, e in content(poly)[1] if ends[atom][0] > 0)  # positive, so that it changes no sign
    low = high = 0.0
    for monomial, c in divide(poly, {factor: Fraction(1)}).items():
        powers = [_power(ends[atom], e) for atom, e in monomial]
        least, most = math.prod(a for a, _ in powers), math.prod(b for _, b in powers)
        low += float(c) * (least if c > 0 else most)
        high += float(c) * (most if c > 0 else least)
    return low, high


def _range(atom: object, ranges: Ranges) -> tuple[float, float]:
    """Lowest and highest value of a symbol: its knob's, and at least 1 for a size of the input."""
    if not isinstance(atom, str):
        return -math.inf, math.inf
    low, high = ranges.get(atom, (1, None))
    return -math.inf if low is None else float(low), math.inf if high is None else float(high)


def _power(ends: tuple[float, float], exponent: int) -> tuple[float, float]:
    low, high = ends
    if exponent > 0:
        return low**exponent, high**exponent
    return 0.0 if high == math.inf else high**exponent, low**exponent if low else math.inf
