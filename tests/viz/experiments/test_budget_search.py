"""The chart of the budget search: networks within the budget apart from those above it."""

from __future__ import annotations

from blocks.experiments.budget_search import Sample
from tests.drawing import HOLDS, chart_of, named
from viz.experiments.budget_search import draw


def test_the_budget_parts_the_drawn_networks() -> None:
    drawn = [(100_000_000, 2_000_000), (320_000_000, 3_000_000), (330_000_000, 5_000_000)]
    chart = chart_of(draw, Sample(320e6, drawn, {"mobilenet_v2": (300_000_000, 3_500_000)}, {}, HOLDS))
    assert (named(chart, "within the budget")["x"], named(chart, "within the budget")["y"]) == ([100.0, 320.0], [2.0, 3.0])
    assert (named(chart, "above it")["x"], named(chart, "above it")["y"]) == ([330.0], [5.0])
    assert named(chart, "published")["text"] == ["mobilenet_v2"]
    (line,) = chart["layout"]["shapes"]
    assert line["x0"] == line["x1"] == 320.0
