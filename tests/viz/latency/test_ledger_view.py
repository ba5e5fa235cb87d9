"""The ledger's table: ratios are no times, and two results are compared where that is possible."""

from __future__ import annotations

import math

import pandas as pd
import pytest
import streamlit as st

from viz.latency import ledger_view


def test_a_ratio_is_not_shown_as_milliseconds() -> None:
    rows = pd.DataFrame({"kind": ["measure", "compare"], "median": [0.0125, 1.7]})
    one, other = ledger_view._ms(rows, "median")
    assert one == pytest.approx(12.5)
    assert math.isnan(other)


def test_a_comparison_cannot_be_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    monkeypatch.setattr(st, "caption", lines.append)
    ledger_view._change("The two selected", {"kind": "compare", "experiment_key": "a"}, {"kind": "measure", "experiment_key": "a"})
    assert lines == ["The two selected cannot be compared: one of them has no median time."]
