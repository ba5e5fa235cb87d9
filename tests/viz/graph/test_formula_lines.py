"""Formulas of one box, as text."""

from __future__ import annotations

import pytest

from blocks import analyse
from viz.graph.fold import Fold
from viz.graph.formula_lines import formula_lines, knob_sentence, plain_formula


def test_expressions_are_written_as_text() -> None:
    assert plain_formula("C_mid**2*k**2/g + 4*C_mid") == "C_mid²·k²/g + 4·C_mid"
    assert plain_formula("alpha*C**12") == "α·C¹²"


def test_only_a_symbolic_trace_has_formulas() -> None:
    analysis = analyse("bottleneck")
    root = Fold(analysis.graph).root
    assert formula_lines(root, analysis) == []
    assert knob_sentence(root, analysis) == ""


@pytest.mark.parametrize(("name", "words"), [("bottleneck", ("channels", "the input's ")), ("se_bottleneck", ("se ratio", "channels"))])
def test_a_box_names_the_knobs_that_its_counts_depend_on(name: str, words: tuple[str, ...]) -> None:
    symbolic = analyse(name, symbolic=True)
    sentence = knob_sentence(Fold(symbolic.graph).root, symbolic)
    assert sentence.startswith("Depends on ")
    assert all(word in sentence.lower() for word in words), sentence
