"""Published accuracy against what it costs: a line a series, at the counts and accuracies that were given."""

from __future__ import annotations

import pytest

from blocks.space.published import scaling_series
from viz.kit.figures import CHART_FIGURES
from viz.scaling.accuracy import _figure


def test_each_series_is_a_line_and_each_way_is_named_once() -> None:
    series = scaling_series()
    counts = {(p.preset, p.side): {"macs": 1000 * i} for i, p in enumerate((p for s in series for p in s.points), 1)}
    figure = _figure(series, counts, "macs")
    assert len(figure.data) == len(series)
    assert len({t.name for t in figure.data if t.showlegend}) == sum(bool(t.showlegend) for t in figure.data) == len({s.way for s in series})
    for s, line in zip(series, figure.data, strict=True):
        assert list(line.y) == [p.accuracy for p in s.points]
        assert list(line.x) == pytest.approx([counts[p.preset, p.side]["macs"] * CHART_FIGURES["macs"].scale for p in s.points])
        assert [c[0] for c in line.customdata] == [p.preset for p in s.points]
    assert figure.layout.xaxis.type == "log"


def test_no_series_is_an_empty_chart() -> None:
    assert len(_figure([], {}, "params").data) == 0
