"""The chart of the two frequencies: the high part three times as strong on grey, and the turned α marked on the curves."""

from __future__ import annotations

import torch

from blocks.experiments.two_frequencies import SIDE, Halves
from tests.drawing import HOLDS, chart_of, named, of_type
from viz.experiments.two_frequencies import draw


def test_the_turned_share_is_marked_on_both_curves() -> None:
    grey = torch.full((3, SIDE, SIDE), 0.5)
    values, macs = {0.5: 0.625, 0.0: 1.0}, {0.5: 0.4375, 0.0: 1.0}
    chart = chart_of(draw, Halves(grey, grey[:, ::2, ::2], torch.zeros(3, SIDE, SIDE), 0.5, values, macs, HOLDS))
    assert (named(chart, "values")["x"], named(chart, "values")["y"]) == ([0.0, 0.5], [1.0, 0.625])
    assert named(chart, "MACs")["y"] == [1.0, 0.4375]
    mark = next(t for t in of_type(chart, "scatter") if t["mode"] == "markers")
    assert (mark["x"], mark["y"]) == ([0.5, 0.5], [0.625, 0.4375])
    picture, _, high = of_type(chart, "image")
    assert high["source"] == picture["source"]  # nothing is left of a grey picture, so its high part is grey too
