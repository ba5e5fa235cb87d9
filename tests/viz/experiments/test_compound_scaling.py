"""The chart of compound scaling: giga-MACs by φ, and the rule that doubles from the compound's first point."""

from __future__ import annotations

from blocks.experiments.compound_scaling import Scaling
from tests.drawing import HOLDS, chart_of, named
from viz.experiments.compound_scaling import draw


def test_the_rule_doubles_from_where_the_compound_begins() -> None:
    macs = {"depth": [3_000_000_000, 6_000_000_000], "compound": [400_000_000, 760_000_000]}
    chart = chart_of(draw, Scaling([0.0, 1.0], macs, [], 1.92, HOLDS))
    assert named(chart, "depth only")["y"] == [3.0, 6.0]
    assert named(chart, "compound")["y"] == [0.4, 0.76]
    assert named(chart, "2^φ")["y"] == [0.4, 0.8]
    assert named(chart, "2^φ")["line"]["dash"] == "dot"
    assert chart["layout"]["yaxis"]["type"] == "log"
