"""Formulas on the Explore page: sentences on knobs that move nothing, totals, tables of blocks."""

from __future__ import annotations

import pytest

from blocks import analyse
from tests.drawing import said, shown
from viz.explore.formulas import memory_formulas, model_formulas_text, stage_table, stillness
from viz.kit.choice import Choice, analysed


def test_a_knob_that_moves_nothing_is_named_with_its_counts() -> None:
    analysis = analysed(Choice("standard_convolution"), symbolic=True)
    formulas = [analysis.formula(of) for of in ("params", "macs")]
    (sentence,) = stillness(formulas, ["stride", "c_in", "side"], analysis)
    assert "moves no Parameters:" in sentence
    assert "MACs" not in sentence


def test_a_models_parameters_do_not_depend_on_its_input() -> None:
    text = model_formulas_text(Choice("resnet18"), "params")
    assert r"11\,689\,512" in text.total
    assert "no size of the input" in text.total
    assert text.kinds


def test_a_table_of_blocks_shows_one_count() -> None:
    kind = analyse("resnet18").block_types()[0]
    frame = stage_table(kind, "macs")
    assert "MACs" in frame
    assert "params" not in frame
    assert {"×N", "by"} <= set(frame)


@pytest.mark.parametrize(("name", "words"), [("inverted_residual", r"C_{\mathrm{mid}} \geq C_{\mathrm{out}}"), ("resnet18", "Saved tensors (bytes)")])
def test_memory_has_formulas_too(name: str, words: str) -> None:
    text = said(shown(memory_formulas, Choice(name)))
    assert words in text
    assert "The peak is a maximum over time" in text
    assert "There is no formula" not in text
