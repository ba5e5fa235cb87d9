"""The chart of repeated gradients: totals on the left, gradients per channel on the right."""

from __future__ import annotations

from blocks.experiments.repeated_gradient import Copies
from tests.drawing import HOLDS, chart_of
from viz.experiments.repeated_gradient import draw


def test_totals_and_means_stand_in_their_own_panes() -> None:
    chart = chart_of(draw, Copies([2, 4], {"dense": [288, 704], "csp": [160, 448]}, {"dense": [1.5, 2.75], "csp": [1.25, 2.0]}, HOLDS))
    shown = [(t["name"], t["yaxis"], t["x"], t["y"]) for t in chart["data"]]
    assert shown == [
        ("dense", "y", [2.0, 4.0], [288.0, 704.0]),
        ("with a bypass", "y", [2.0, 4.0], [160.0, 448.0]),
        ("dense", "y2", [2.0, 4.0], [1.5, 2.75]),
        ("with a bypass", "y2", [2.0, 4.0], [1.25, 2.0]),
    ]
