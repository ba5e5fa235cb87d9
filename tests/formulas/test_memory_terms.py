"""Formulas of memory: checked at other sizes against the count there, and where the peak moves to another operation."""

from __future__ import annotations

import pytest

from blocks import analyse
from blocks.formulas.formula import FormulaError
from blocks.formulas.memory_terms import made_term, peak_term, saved_term
from blocks.trace.graph import Graph

FIGURES = ("saved_memory", "activation_memory", "peak_memory")


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", ["inverted_residual", "se_bottleneck", "encoder_block", "dense_layer"])
def test_of_a_block_at_other_knobs(name: str, training: bool) -> None:
    analysis = analyse(name, symbolic=True, training=training)
    batch, *sizes = analysis.input_shape
    at = {"batch": batch + 2}
    again = analyse(name, (batch + 2, *sizes), training=training)
    for of in FIGURES:
        assert analysis.formula(of).evaluate(**at) == getattr(again, of)


@pytest.mark.parametrize("name", ["resnet18", "googlenet", "vit_ti_16"])
def test_of_a_network_at_other_sizes(name: str) -> None:
    side = 160
    given = {"batch": 3, "image_size": side} if name.startswith("vit") else {"batch": 3, "height": side, "width": side}
    knobs = {"image_size": side} if name.startswith("vit") else {}
    for training in (False, True):
        analysis, again = analyse(name, training=training).by_sizes, analyse(name, (3, 3, side, side), training=training, **knobs)
        for of in FIGURES:
            assert analysis.formula(of).evaluate(**given) == getattr(again, of)


def test_the_peak_in_letters_and_where_it_holds() -> None:
    formula = analyse("inverted_residual", symbolic=True).formula("peak_memory")
    assert str(formula.expr) == "4*B*H*W*(C_in + 3*C_mid)"
    assert r"C_{\mathrm{mid}} \geq C_{\mathrm{out}}" in formula.conditions


def test_beyond_the_condition_the_peak_is_elsewhere() -> None:
    formula = analyse("resnet50").by_sizes.formula("peak_memory")
    assert r"7\,H\,W \geq 381" not in formula.conditions[1:]
    with pytest.raises(FormulaError, match="holds only while"):
        formula.evaluate(height=32, width=7)


def test_a_trace_of_nothing() -> None:
    nothing = Graph([], [], 0)
    assert (saved_term(nothing), made_term(nothing), peak_term(nothing, training=False)) == (0, 0, (0, ()))
