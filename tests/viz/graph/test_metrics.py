"""Widths of text, against the font metrics that fpdf ships."""

from __future__ import annotations

import pytest
from fpdf import FPDF

from viz.graph.metrics import text_width


@pytest.mark.parametrize("text", ["Conv 3x3 /2", "Depthwise 5x5, 8 groups", "~!@#[]{}", "WMil.,", "Fully connected"])
@pytest.mark.parametrize("bold", [False, True])
def test_widths_are_helveticas(text: str, bold: bool) -> None:
    document = FPDF(unit="pt")
    document.set_font("Helvetica", style="B" if bold else "", size=15)
    assert text_width(text, 15, bold) == pytest.approx(document.get_string_width(text))


def test_other_scripts_are_wide_rather_than_cut_off() -> None:
    assert text_width("块", 10) == 10
    assert text_width("é", 10) == 6
    assert text_width("", 10) == 0
