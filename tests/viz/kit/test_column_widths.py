"""No digit of a table is cut off: columns of numbers are as wide as their longest number."""

from __future__ import annotations

import pandas as pd
import pytest
import streamlit as st
from PIL import ImageFont

from blocks import analyse
from viz.kit.column_widths import column_width, fitted

_PADDING = 16  # pixels of the table's own, 8 at each side of a cell


def drawn_width(text: str) -> float:
    """Pixels of a text of 14 px in a face as wide as Source Sans."""
    return float(ImageFont.load_default(14).getlength(text))


@pytest.mark.parametrize("name", ["resnet50", "vgg16", "mobilenet_v2"])
def test_every_number_of_a_layer_table_stands_whole(name: str) -> None:
    table = analyse(name).table
    config = fitted(table, {"macs": st.column_config.NumberColumn(format="localized")})
    for cost in ("params", "macs", "flops", "bytes"):
        longest = max(drawn_width(f"{v:,}") for v in table[cost])
        assert longest + _PADDING <= config[cost]["width"]


def test_the_longest_number_counts_wherever_it_stands() -> None:
    early, late = pd.Series([7_225_344, *range(50)]), pd.Series([*range(50), 7_225_344])
    assert column_width(early, lambda v: f"{v:,.0f}", "x") == column_width(late, lambda v: f"{v:,.0f}", "x")
    assert column_width(late, lambda v: f"{v:,.0f}", "x") >= drawn_width("7,225,344") + _PADDING


def test_a_configured_column_keeps_what_it_has() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.5], "b": [1, 2], "c": ["x", "y"]})
    made = fitted(frame, {"a": st.column_config.NumberColumn("median (ms)", format="%.2f"), "b": st.column_config.NumberColumn(width="small")})
    assert made["a"]["label"] == "median (ms)"
    assert made["a"]["width"] >= drawn_width("median (ms)")
    assert made["b"]["width"] == "small"
    assert "c" not in made


def test_an_empty_column_has_a_width() -> None:
    assert column_width(pd.Series([], dtype=float), str, "ms") > 0
