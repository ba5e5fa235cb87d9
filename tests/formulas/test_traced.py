"""What formulas ask of a trace is what an analysis has."""

from __future__ import annotations

from inspect import getmembers

from blocks import analyse
from blocks.formulas.traced import Traced


def test_an_analysis_has_all_that_formulas_ask_for() -> None:
    asked = [name for name, member in getmembers(Traced) if isinstance(member, property)]
    analysis = analyse("bottleneck", symbolic=True)
    assert {"graph", "network", "name", "knobs", "input_shape"} <= set(asked)
    assert [name for name in asked if not hasattr(analysis, name)] == []
