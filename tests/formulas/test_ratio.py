"""One count over another in lowest terms, against exact rational arithmetic."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.formulas.polynomial import Poly, constant, multiply
from blocks.formulas.ratio import simplified_quotient, substituted

AT = {"a": Fraction(3), "b": Fraction(5), "c": Fraction(7)}


def value(poly: Poly, at: dict[str, Fraction] = AT) -> Fraction:
    total = Fraction(0)
    for monomial, coefficient in poly.items():
        for atom, exponent in monomial:
            assert isinstance(atom, str)
            coefficient *= at[atom] ** exponent
        total += coefficient
    return total


def monomial_of(powers: tuple[int, int, int]) -> tuple[tuple[str, int], ...]:
    return tuple((name, e) for name, e in zip("abc", powers, strict=True) if e)


POWERS = st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2))
POLYS = st.dictionaries(POWERS, st.integers(1, 6).map(Fraction), min_size=1, max_size=3).map(lambda d: {monomial_of(p): c for p, c in d.items()})


@given(POLYS, POLYS)
def test_a_quotient_has_the_value_of_the_division(a: Poly, b: Poly) -> None:
    quotient = simplified_quotient(a, b)
    assert value(quotient.numerator) / value(quotient.denominator) == value(a) / value(b)


@given(POLYS, POLYS)
def test_a_common_factor_goes(a: Poly, shared: Poly) -> None:
    quotient = simplified_quotient(multiply(a, shared), shared)
    assert quotient.denominator == constant(1)
    assert {m: c for m, c in quotient.numerator.items() if c} == a


def test_separable_over_standard_convolution_is_a_sum_of_two_fractions() -> None:
    standard = {(("D", 2), ("M", 1), ("N", 1)): Fraction(1)}
    separable = {(("D", 2), ("M", 1)): Fraction(1), (("M", 1), ("N", 1)): Fraction(1)}
    quotient = simplified_quotient(separable, standard)
    assert quotient.denominator == constant(1)
    assert quotient.numerator == {(("N", -1),): 1, (("D", -2),): 1}
    assert sorted(quotient.latex().split(" + ")) == [r"\frac{1}{D^{2}}", r"\frac{1}{N}"]
    assert str(quotient.expr()) in ("1/N + D**(-2)", "D**(-2) + 1/N")
    assert quotient.terms == 3


def test_a_denominator_of_two_terms_stays_one_fraction() -> None:
    quotient = simplified_quotient({(("a", 1), ("b", 1)): Fraction(6)}, {(("a", 2),): Fraction(2), (("a", 1),): Fraction(4)})
    assert quotient.latex() == r"\frac{3\,b}{a + 2}"


def test_nothing_above_and_nothing_below() -> None:
    assert simplified_quotient({}, constant(5)).latex() == "0"
    with pytest.raises(ZeroDivisionError, match="a ratio to nothing"):
        simplified_quotient(constant(5), {})


@given(POLYS, POLYS)
def test_a_polynomial_in_the_place_of_a_symbol(a: Poly, inner: Poly) -> None:
    assert value(substituted(a, {"b": inner})) == value(a, AT | {"b": value(inner)})
