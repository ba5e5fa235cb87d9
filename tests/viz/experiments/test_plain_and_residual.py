"""The chart of plain and residual stacks: the signal on the left, the gradient on the right, one legend for both."""

from __future__ import annotations

from blocks.experiments.plain_and_residual import Depth
from tests.drawing import HOLDS, chart_of
from viz.experiments.plain_and_residual import draw


def test_signal_and_gradient_are_not_exchanged() -> None:
    result = Depth(2, {"plain": [1.0, 0.5], "residual": [1.0, 1.5]}, {"plain": [8.0, 1.0], "residual": [2.0, 1.0]}, HOLDS)
    chart = chart_of(draw, result)
    shown = [(t["name"], t["yaxis"], t["y"], t["showlegend"]) for t in chart["data"]]
    assert shown == [
        ("plain", "y", [1.0, 0.5], True),
        ("residual", "y", [1.0, 1.5], True),
        ("plain", "y2", [8.0, 1.0], False),
        ("residual", "y2", [2.0, 1.0], False),
    ]
    assert chart["layout"]["yaxis"]["type"] == chart["layout"]["yaxis2"]["type"] == "log"
