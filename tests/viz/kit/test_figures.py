"""The table of figures: values are the analysis' own, words and forms fit the unit."""

from __future__ import annotations

import pytest

from blocks import analyse
from blocks.space.structure import COUNTED_FIGURES
from tests.counting import weights
from viz.kit.figures import BYTES_MOVED, CHART_FIGURES, ESTIMATED_LATENCY, HEADLINE, INTENSITY, MACS, QUANTITIES, WEIGHTS


def test_every_counted_figure_has_its_words() -> None:
    assert [f.name for f in HEADLINE] == list(COUNTED_FIGURES)
    assert set(CHART_FIGURES) == {*COUNTED_FIGURES, "latency", "device_time"}


def test_values_are_the_analysis_own() -> None:
    analysis = analyse("basic_block")
    assert [f.of(analysis) for f in HEADLINE] == [getattr(analysis, name) for name in COUNTED_FIGURES]
    assert INTENSITY.of(analysis) == pytest.approx(analysis.flops / analysis.bytes_moved)
    assert WEIGHTS.of(analysis) == weights(analysis.network)
    assert WEIGHTS.of(analysis) < QUANTITIES["params"].of(analysis)


def test_titles_have_the_unit_of_their_axis() -> None:
    assert (MACS.title, BYTES_MOVED.title, ESTIMATED_LATENCY.title) == ("MACs", "Bytes moved (MiB)", "Estimated latency (ms)")
    assert BYTES_MOVED.form(3 * 2**20) == "3.00 MiB"
    assert 3 * 2**20 * BYTES_MOVED.scale == 3
    assert ESTIMATED_LATENCY.form(0.0123) == "12.3 ms"
    assert [name for name, f in QUANTITIES.items() if f.in_bytes] == ["bytes", "memory"]
