"""Polynomials compute as whole numbers do; SymPy is the oracle."""

from __future__ import annotations

from fractions import Fraction

import sympy
from hypothesis import given
from hypothesis import strategies as st

from blocks.formulas.latex import polynomial, spaced_number
from blocks.formulas.polynomial import Poly, add, constant, content, divide, multiply, symbols, to_sympy

MONOMIALS = st.sampled_from([(), (("x", 1),), (("x", 2),), (("x", 1), ("y", 1)), (("y", 3),)])
POLYS = st.dictionaries(MONOMIALS, st.integers(-9, 9).filter(bool).map(Fraction), max_size=4)


@given(POLYS, POLYS)
def test_sums_and_products_are_sympys(a: Poly, b: Poly) -> None:
    left, right = to_sympy(a, {}), to_sympy(b, {})
    assert sympy.expand(to_sympy(multiply(a, b), {}) - left * right) == 0
    assert sympy.expand(to_sympy(add(a, b, -1), {}) - (left - right)) == 0


@given(POLYS.filter(bool))
def test_the_content_divides_every_term(poly: Poly) -> None:
    scale, factor = content(poly)
    rest = divide(poly, {factor: scale})
    assert multiply(rest, {factor: scale}) == poly
    assert all(c.denominator == 1 for c in rest.values())


def test_a_polynomial_is_written_as_on_a_board() -> None:
    poly = {(("C_in", 1), ("k", 2)): Fraction(2), (): Fraction(-1000)}
    assert polynomial(poly) == r"2\,k^{2}\,C_{\mathrm{in}} - 1\,000"
    assert symbols(poly) == {"C_in", "k"}
    assert (constant(0), spaced_number(Fraction(1, 3))) == ({}, r"\tfrac{1}{3}")
