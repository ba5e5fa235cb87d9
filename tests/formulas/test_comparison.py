"""Formulas in shared letters and their ratios: the papers' results, and SymPy and plain numbers as oracles."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy

from blocks import analyse
from blocks.formulas.comparison import FormulaComparison
from blocks.formulas.polynomial import Monomial, symbols
from blocks.formulas.ratio import Quotient, simplified_quotient, substituted


def together(of: str, *sides: tuple[str, dict[str, Any]]) -> FormulaComparison:
    return FormulaComparison([analyse(name, symbolic=True, **knobs).formula(of) for name, knobs in sides])


BARE: dict[str, Any] = {"norm": False}


@pytest.mark.parametrize("of", ["params", "macs"])
@pytest.mark.parametrize("knobs", [{}, {"c_in": 48, "c_out": 80, "kernel_size": 5}, {"stride": 2, "c_in": 24}])
def test_separable_over_standard_is_the_papers_ratio(of: str, knobs: dict[str, Any]) -> None:
    found = together(of, ("standard_convolution", BARE | knobs), ("depthwise_separable", BARE | knobs))
    assert found.latex_ratio(1) == r"\frac{1}{N} + \frac{1}{D_{K}^{2}}"
    n, d_k = sympy.symbols("N D_K", positive=True, integer=True)
    ratio = found.ratio(1)
    assert ratio is not None
    assert sympy.simplify(ratio.expr() - (1 / n + 1 / d_k**2)) == 0
    side = analyse("standard_convolution", **BARE, **knobs).knobs or {}
    assert found.value(1) == Fraction(1, side["c_out"]) + Fraction(1, side["kernel_size"] ** 2)
    assert found.notes() == []


def test_different_letters_for_one_thing_become_the_first_ones() -> None:
    same: dict[str, Any] = {"c_in": 40, "c_out": 72}
    found = FormulaComparison([analyse(n, (1, 40, 28, 28), symbolic=True, **same).formula("macs") for n in ("separable_convolution", "depthwise_separable")])
    assert [letter.latex for letter in found.letters] == [r"C_{\mathrm{in}}", r"C_{\mathrm{out}}", "k", "s", "B", "H", "W"]
    assert found.latex_ratio(1) is None  # the same formula: the ratio is the number 1
    assert found.value(1) == 1
    assert found.notes() == [r"M\text{ of B is }C_{\mathrm{in}}", r"N\text{ of B is }C_{\mathrm{out}}", r"D_{K}\text{ of B is }k"]
    assert not any(found.differs(i, m, c) for i, poly in enumerate(found.polys) for m, c in poly.items())


def test_one_letter_with_two_values_is_two_letters() -> None:
    found = together("params", *(("squeeze_excitation", {"se_ratio": r}) for r in (4, 8, 16)))
    values = {letter.latex: letter.value for letter in found.letters}
    assert {k: v for k, v in values.items() if k.startswith("r")} == {"r_{A}": 4, "r_{B}": 8, "r_{C}": 16}
    ratio = found.ratio(2)
    assert ratio is not None
    assert {"r@A", "r@C"} <= symbols(ratio.numerator) | symbols(ratio.denominator)


def valued(found: FormulaComparison, quotient_: Quotient) -> Fraction:
    """The quotient at the letters' values, by SymPy."""
    expr = quotient_.expr()
    by_name = {shared: sympy.Rational(str(letter.value)) for shared, letter in found._letters.items()}
    value = expr.subs({s: by_name[s.name] for s in expr.free_symbols})
    return Fraction(int(value.p), int(value.q))


@pytest.mark.parametrize("of", ["params", "macs", "flops"])
@pytest.mark.parametrize(("first", "second"), [
    (("bottleneck", {"se_ratio": 4}), ("bottleneck", {"se_ratio": 16})),
    (("bottleneck", {}), ("basic_block", {})),
    (("inverted_residual", {"c_in": 24, "c_out": 40}), ("depthwise_separable", {"c_in": 24, "c_out": 40})),
    (("inception_naive", {}), ("inception_module", {})),
    (("vgg_stage", {}), ("dense_layer", {})),
    (("resnext_grouped", {}), ("bottleneck", {})),
])  # fmt: skip
def test_the_ratio_at_the_values_is_the_ratio_of_the_counts(of: str, first: tuple[str, dict[str, Any]], second: tuple[str, dict[str, Any]]) -> None:
    found = together(of, first, second)
    ratio = found.ratio(1)
    assert ratio is not None
    assert valued(found, ratio) == found.value(1) == Fraction(found.formulas[1].result, found.formulas[0].result)


def test_marked_are_exactly_the_terms_that_another_lacks() -> None:
    found = together("params", ("standard_convolution", {}), ("depthwise_separable", {}))
    seen = [found.latex(i, lambda text: f"<{text}>") for i in (0, 1)]
    assert seen[0] == r"N\,\left(<D_{K}^{2}\,M> + 2\right)"
    assert seen[1] == r"<D_{K}^{2}\,M> + <N\,M> + 2\,N + <2\,M>"
    assert found.latex_numbers(0) == r"128 \cdot \left(3^{2} \cdot 64 + 2\right)"


def test_intermediates_keep_one_name_only_while_they_mean_one_thing() -> None:
    differ = together("params", ("bottleneck", {"se_ratio": 4}), ("bottleneck", {"se_ratio": 8}))
    assert [w.split(" = ")[0] for i in (0, 1) for w in differ.latex_where(i)] == ["C_{s,A}", "C_{s,B}"]
    assert [w.split(" = ")[-1] for i in (0, 1) for w in differ.latex_where(i)] == ["64", "32"]
    same = together("params", ("bottleneck", {"se_ratio": 4}), ("bottleneck", {"se_ratio": 4, "norm": "ibn_a"}))
    assert {w.split(" = ")[0] for i in (0, 1) for w in same.latex_where(i)} == {"C_{s}"}


def test_the_difference_has_the_differing_terms_only() -> None:
    found = together("params", ("bottleneck", {"se_ratio": 4}), ("bottleneck", {"se_ratio": 8}))
    said = found.latex_difference(1)
    assert said is not None
    assert "C_{\\mathrm{mid}}" not in said
    assert "r_{A}" in said
    assert found.latex_difference(0) is None


def test_models_compare_as_functions_of_their_input() -> None:
    found = FormulaComparison([analyse(n, symbolic=True).formula("macs").of_sizes() for n in ("mobilenet_v1_standard", "mobilenet_v1")])
    ratio = found.ratio(1)
    assert ratio is not None
    assert float(valued(found, ratio)) == pytest.approx(568_740_352 / 4_866_785_280, rel=1e-3)


def test_a_common_factor_goes() -> None:
    x: tuple[Monomial, Fraction] = ((("x", 1),), Fraction(1))
    y: tuple[Monomial, Fraction] = ((("y", 1),), Fraction(1))
    square = {(("x", 2),): Fraction(1), (("y", 2),): Fraction(-1)}
    assert simplified_quotient(square, dict([x, (y[0], Fraction(-1))])) == Quotient(dict([x, y]), {(): Fraction(1)})
    kept = simplified_quotient(dict([x, y]), dict([x, ((), Fraction(3))]))
    assert kept == Quotient(dict([x, y]), dict([x, ((), Fraction(3))]))
    below = simplified_quotient({(("x", 1),): Fraction(1), (("y", -1),): Fraction(1)}, {(("x", 1),): Fraction(2), (("y", -1),): Fraction(2)})
    assert below == Quotient({(): Fraction(1, 2)}, {(): Fraction(1)})


def test_nothing_divides_by_nothing() -> None:
    with pytest.raises(ZeroDivisionError):
        simplified_quotient({(): Fraction(2)}, {})
    assert simplified_quotient({}, {(): Fraction(2)}).numerator == {}
    pool = together("params", ("shift", {}), ("squeeze_excitation", {}))
    assert pool.value(1) is None or pool.formulas[0].result > 0


def test_substitution_reaches_into_roundings() -> None:
    found = analyse("inverted_residual", symbolic=True, c_in=24, expansion=1.5).formula("params")
    inlined = substituted(found.poly, found.names)
    assert symbols(inlined) <= set(found.values)
