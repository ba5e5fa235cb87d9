"""One count over another, simplified: separable over standard convolution is 1/N + 1/D_K²."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce

import sympy
from sympy.polys.domains import QQ
from sympy.polys.orderings import lex
from sympy.polys.rings import PolyRing

from blocks.formulas import latex
from blocks.formulas.latex import Write
from blocks.formulas.polynomial import ONE, Monomial, Opaque, Poly, constant, content, divide, multiply, multiply_monomials, number, opaque, to_sympy

_MOST_TERMS, _MOST_ATOMS = 160, 14  # beyond this a common factor is no longer looked for: it would take seconds, and nobody reads the result


@dataclass(frozen=True, slots=True)
class Quotient:
    """``numerator`` / ``denominator`` without a common factor; a denominator of one term is divided out, so that it is 1."""

    numerator: Poly
    denominator: Poly

    @property
    def terms(self) -> int:
        """How many terms must be read."""
        return len(self.numerator) + len(self.denominator)

    def latex(self, write: Write = latex.letter) -> str:
        """The quotient as LaTeX: a sum of fractions, or one fraction of factored sums."""
        if number(self.denominator) == 1:
            return latex.polynomial(self.numerator, write)
        return rf"\frac{{{latex.factored(self.numerator, write)}}}{{{latex.factored(self.denominator, write)}}}"

    def expr(self, whole: Mapping[str, bool] | None = None) -> sympy.Expr:
        """The quotient as a SymPy expression; symbols are positive integers unless ``whole`` says otherwise."""
        return to_sympy(self.numerator, whole or {}) / to_sympy(self.denominator, whole or {})


def simplified_quotient(a: Poly, b: Poly) -> Quotient:
    """a / b in lowest terms. Raises ZeroDivisionError where b is nothing."""
    if not b:
        raise ZeroDivisionError("a ratio to nothing")
    if not a:
        return Quotient({}, constant(1))
    (scale_a, factor_a), (scale_b, factor_b) = content(a), content(b)
    rest_a, rest_b = divide(a, {factor_a: scale_a}), divide(b, {factor_b: scale_b})
    rest_a, rest_b = _cancelled(rest_a, rest_b)
    shared = {multiply_monomials(factor_a, factor_b, -1): scale_a / scale_b}
    if len(rest_b) == 1:
        return Quotient(divide(multiply(shared, rest_a), rest_b), constant(1))
    ((monomial, coefficient),) = shared.items()
    above, below = tuple(p for p in monomial if p[1] > 0), tuple((atom, -e) for atom, e in monomial if e < 0)
    return Quotient(multiply(rest_a, {above: Fraction(coefficient.numerator)}), multiply(rest_b, {below: Fraction(coefficient.denominator)}))


def _cancelled(a: Poly, b: Poly) -> tuple[Poly, Poly]:
    """Both without their greatest common divisor; as they were where they have none (the terms then keep their own denominators)."""
    atoms = sorted({atom for poly in (a, b) for monomial in poly for atom, _ in monomial}, key=repr)
    if len(a) + len(b) > _MOST_TERMS or len(atoms) > _MOST_ATOMS or not atoms:
        return a, b
    ring = PolyRing([f"x{i}" for i in range(len(atoms))], QQ, lex)
    place = {atom: i for i, atom in enumerate(atoms)}
    lift = {((atom, -min(0, *(dict(m).get(atom, 0) for poly in (a, b) for m in poly))),): Fraction(1) for atom in atoms}
    whole = [reduce(lambda poly, m: multiply(poly, {tuple(x for x in m if x[1]): Fraction(1)}), lift, poly) for poly in (a, b)]
    p, q = (ring.from_dict({_exponents(m, place): QQ(c.numerator, c.denominator) for m, c in poly.items()}) for poly in whole)
    above, below = p.cancel(q)
    return (a, b) if len(above) == len(p) and len(below) == len(q) else (_poly(above, atoms), _poly(below, atoms))


def _exponents(monomial: Monomial, place: Mapping[str | Opaque, int]) -> tuple[int, ...]:
    powers = [0] * len(place)
    for atom, exponent in monomial:
        powers[place[atom]] = exponent
    return tuple(powers)


def _poly(element: dict[tuple[int, ...], object], atoms: list[str | Opaque]) -> Poly:
    made: Poly = {}
    for powers, c in element.items():
        monomial = reduce(multiply_monomials, (((atom, e),) for atom, e in zip(atoms, powers, strict=True) if e), ONE)
        made[monomial] = Fraction(int(QQ.numer(c)), int(QQ.denom(c)))
    return made


def substituted(poly: Poly, values: Mapping[str, Poly]) -> Poly:
    """``poly`` with polynomials in place of the symbols in ``values``, inside floors and roundings too."""
    total: Poly = {}
    for monomial, coefficient in poly.items():
        product = constant(coefficient)
        for atom, exponent in monomial:
            base = values.get(atom, {((atom, 1),): Fraction(1)}) if isinstance(atom, str) else opaque(atom.kind, *(substituted(p, values) for p in atom.polys))
            for _ in range(abs(exponent)):
                product = multiply(product, base) if exponent > 0 else divide(product, base)
        for m, c in product.items():
            total[m] = Fraction(total.get(m, 0) + c)
    return {m: c for m, c in total.items() if c}
