"""Polynomials as LaTeX: letters, numbers, fractions, signs and brackets."""

from __future__ import annotations

from fractions import Fraction

import pytest

from blocks.formulas.latex import factored, letter, monomial, ordered, polynomial, signed, spaced_number, values_written
from blocks.formulas.polynomial import Normaliser, Poly
from blocks.trace.symbolic import ceil_div, recording, symbol, term_of, whole


def poly(value: object) -> Poly:
    return Normaliser()(term_of(value))


A, B, C_IN = symbol("a", 5), symbol("b", 7), symbol("C_in", 3)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("H", "H"),
        ("C_in", r"C_{\mathrm{in}}"),
        ("C_0", "C_{0}"),
        ("d_12", "d_{12}"),
        ("alpha", r"\alpha"),
        ("epsilon", r"\varepsilon"),
        ("k_s", "k_{s}"),
        ("x_beta", r"x_{\beta}"),
    ],
)
def test_letters(name: str, written: str) -> None:
    assert letter(name) == written


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (7, "7"),
        (1234567, r"1\,234\,567"),
        (1000, r"1\,000"),
        (2.0, "2"),
        (0.25, "0.25"),
        (Fraction(6, 2), "3"),
        (Fraction(3, 4), "0.75"),
        (Fraction(1, 3), r"\tfrac{1}{3}"),
    ],
)
def test_numbers(number: Fraction | float, written: str) -> None:
    assert spaced_number(number) == written


@pytest.mark.parametrize(
    ("coefficient", "powers", "written"),
    [
        (Fraction(1), (("a", 1),), "a"),
        (Fraction(6), (("a", 2), ("b", 1)), r"6\,a^{2}\,b"),
        (Fraction(1), (), "1"),
        (Fraction(1, 2), (("a", 1),), r"0.5\,a"),
        (Fraction(2, 3), (("a", 1),), r"\frac{2\,a}{3}"),
        (Fraction(1), (("a", 1), ("b", -2)), r"\frac{a}{b^{2}}"),
        (Fraction(3, 2), (("b", -1),), r"\frac{3}{2\,b}"),
    ],
)
def test_terms(coefficient: Fraction, powers: tuple[tuple[str, int], ...], written: str) -> None:
    assert monomial(coefficient, powers) == written


def test_sums_have_the_highest_degree_first_and_the_number_last() -> None:
    assert polynomial(poly(4 + A - A * B * 2)) == r"a - 2\,a\,b + 4"
    assert polynomial({}) == "0"
    assert signed([(True, "x"), (False, "y")]) == "-x + y"


def test_sizes_of_the_input_lead() -> None:
    height, batch = symbol("H", 8), symbol("B", 2)
    assert polynomial(poly(C_IN * height * batch)) == r"B\,H\,C_{\mathrm{in}}"
    assert len(ordered(poly(height + batch + 1))) == 3


def test_what_terms_share_stands_before_a_bracket() -> None:
    assert factored(poly(6 * A * B + 4 * A)) == r"2\,a\left(3\,b + 2\right)"
    assert factored(poly(A + B)) == "a + b"
    assert factored(poly(6 * A)) == r"6\,a"


def test_floors_and_ceilings_stay() -> None:
    with recording():
        assert polynomial(poly(whole(A * 0.3))) == r"\left\lfloor 0.3\,a\right\rfloor"
        assert polynomial(poly(ceil_div(B, 3) * A)) == r"a\,\left\lceil \tfrac{b}{3}\right\rceil"


def test_values_in_the_place_of_letters() -> None:
    write = values_written({"a": 1200, "b": 7})
    assert polynomial(poly(A * B * C_IN), write, dot=r" \cdot ") == r"C_{\mathrm{in}} \cdot 1\,200 \cdot 7"


def test_a_term_can_be_marked() -> None:
    assert polynomial(poly(A + B), mark=lambda m, text: f"[{text}]" if m == (("b", 1),) else text) == "a + [b]"
