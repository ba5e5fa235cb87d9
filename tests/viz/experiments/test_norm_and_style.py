"""The chart of norms and style: a line per norm, by layer from 1, as a share."""

from __future__ import annotations

import torch

from blocks.experiments.norm_and_style import NORMS, FeatureShifts
from tests.drawing import HOLDS, chart_of, named, of_type
from viz.experiments.norm_and_style import draw


def test_a_line_per_norm() -> None:
    moved = {norm: [0.1 * i, 0.2 * i] for i, norm in enumerate(NORMS)}
    chart = chart_of(draw, FeatureShifts("contrast", torch.zeros(3, 8, 8), torch.ones(3, 8, 8), moved, HOLDS))
    for norm, said in (("batch", "batch norm"), ("ibn", "IBN"), ("instance", "instance norm")):
        assert (named(chart, said)["x"], named(chart, said)["y"]) == ([1.0, 2.0], moved[norm])
    before, after = of_type(chart, "image")
    assert before["source"] != after["source"]
