"""Formulas equal counts, hold where they say, and evaluate right at other knob values; the papers' own equations come out."""

from __future__ import annotations

from typing import Any

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from blocks import analyse, catalog
from blocks.formulas.formula import FormulaError
from blocks.knobs import Knob, KnobError
from blocks.trace.errors import TraceError

COUNTS = ("params", "macs", "flops")


def values_of(knob: Knob) -> st.SearchStrategy[Any]:
    """Values near a knob's default, valid by themselves."""
    if knob.kind == "bool":
        return st.booleans()
    if knob.kind == "choice":
        return st.sampled_from(knob.values or ())
    if knob.kind == "ints":
        return st.just(knob.default)
    around = {v for v in (knob.default, knob.low, knob.default + (knob.step or 1), knob.default * 2, 1, 2, 3) if v is not None}
    cast = float if knob.kind == "float" else int
    return st.sampled_from(sorted({cast(v) for v in around if (knob.low or v) <= v <= min(knob.high or v, 512)}) or [knob.default])


@pytest.mark.parametrize("name", catalog.names(kind="block"))
@settings(max_examples=8)
@given(data=st.data())
def test_formula_equals_count_or_the_knobs_are_refused_clearly(name: str, data: st.DataObject) -> None:
    """Deriving compares with the count itself; here torch's parameters and a plain trace are the oracle."""
    turned = data.draw(st.lists(st.sampled_from(catalog.knobs(name)), max_size=3, unique_by=lambda k: k.name))
    knobs = {k.name: data.draw(values_of(k), label=k.name) for k in turned}
    try:
        plain = analyse(name, **knobs)
    except (KnobError, TraceError) as error:
        assert len(str(error)) > 10  # noqa: PT017
        return
    symbolic = analyse(name, symbolic=True, **knobs)
    assert plain.params == sum(p.numel() for p in catalog.build(name, **knobs).parameters())
    for of in COUNTS:
        assert symbolic.formula(of).evaluate() == getattr(plain, of)


@pytest.mark.parametrize("name", catalog.names(kind="block"))
@settings(max_examples=6)
@given(data=st.data())
def test_a_formula_derived_at_one_setting_is_right_at_others(name: str, data: st.DataObject) -> None:
    formulas = [analyse(name, symbolic=True).formula(of) for of in COUNTS]
    numeric = [k for k in catalog.knobs(name) if k.kind in ("int", "float")]
    assume(numeric)
    knob = data.draw(st.sampled_from(numeric))
    value = data.draw(values_of(knob), label=knob.name)
    try:
        there = analyse(name, **{knob.name: value})
    except (KnobError, TraceError):
        return
    for formula in formulas:
        try:
            found = formula.evaluate(**{knob.name: value})
        except FormulaError as refused:
            assert "holds only while" in str(refused) or "is fixed at" in str(refused) or "no count" in str(refused)  # noqa: PT017
        else:
            assert found == getattr(there, formula.of)


def symbols(*names: str) -> list[sympy.Symbol]:
    return [sympy.Symbol(n, positive=True, integer=True) for n in names]


def test_depthwise_separable_is_the_papers_equation() -> None:
    k, m, n, b, h, w, s = symbols("D_K", "M", "N", "B", "H", "W", "s")
    macs = analyse("depthwise_separable", symbolic=True).formula("macs")
    assert sympy.simplify(macs.expr - b * h * w / s**2 * (k**2 * m + m * n)) == 0


def test_encoder_block_is_vits_equation() -> None:
    d, n, b = symbols("D", "N", "B")
    macs = analyse("encoder_block", symbolic=True).formula("macs")
    expanded = macs.expr.subs(macs.where).subs(sympy.Symbol("m", positive=True), 4)
    assert sympy.simplify(expanded - b * (12 * d**2 * n + 2 * n**2 * d)) == 0


def test_a_named_intermediate_stays_a_name() -> None:
    formula = analyse("inverted_residual", symbolic=True).formula("params")
    assert [str(s) for s in formula.where] == ["C_mid"]
    assert (
        formula.evaluate(c_in=32, c_out=32, expansion=4.0, kernel_size=5)
        == analyse("inverted_residual", c_in=32, c_out=32, expansion=4.0, kernel_size=5).params
    )


def test_outside_of_where_it_holds_it_refuses_with_the_condition() -> None:
    formula = analyse("inverted_residual", symbolic=True).formula("macs")
    with pytest.raises(FormulaError, match="s = 1"):
        formula.evaluate(stride=2)
    with pytest.raises(ValueError, match="C_"):
        formula.evaluate(c_out=32)
    with pytest.raises(KnobError, match="no such argument"):
        formula.evaluate(kernel=3)


def test_a_models_total_as_a_function_of_its_input() -> None:
    formula = analyse("resnet50", symbolic=True).formula("macs").of_sizes()
    b, h, w = symbols("B", "H", "W")
    assert sympy.expand(formula.expr - (81456 * b * h * w + 2048000 * b)) == 0
    assert set(formula.conditions) == {r"32 \mid H", r"32 \mid W"}
    assert formula.evaluate(height=256, width=192, batch=2) == analyse("resnet50", (2, 3, 256, 192)).macs


@pytest.mark.parametrize("name", ["resnet50", "mobilenet_v2", "googlenet", "vit_b_16"])
def test_block_types_account_for_their_rows(name: str) -> None:
    analysis = analyse(name)
    for kind in analysis.block_types():
        table = kind.table
        for of in COUNTS:
            assert 0 < table[of].sum() <= getattr(analysis, of)
        assert table["formula"].between(1, len(kind.variants)).all()


def test_a_formula_needs_symbols_and_a_known_count() -> None:
    with pytest.raises(ValueError, match="symbolic=True"):
        analyse("resnet18").formula("macs")
    with pytest.raises(ValueError, match="must be params, macs, flops, saved_memory, activation_memory or peak_memory"):
        analyse("inverted_residual", symbolic=True).formula("mac")


@pytest.mark.parametrize("name", ["resnet152", "densenet201", "inception_resnet_v2"])
def test_a_deep_network_has_formulas_too(name: str) -> None:
    analysis = analyse(name, symbolic=True)
    for of in ("params", "macs", "flops"):
        formula = analysis.formula(of).of_sizes()
        assert formula.evaluate() == getattr(analysis, of)
        assert formula.poly
