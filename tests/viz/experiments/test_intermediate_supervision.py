"""The chart of intermediate supervision: for each stack the gradient with every loss and with the last one only."""

from __future__ import annotations

import torch

from blocks.experiments.intermediate_supervision import Supervision
from tests.drawing import HOLDS, chart_of, named, of_type
from viz.experiments.intermediate_supervision import draw


def test_a_pair_of_bars_per_stack() -> None:
    target = torch.tensor([[0.0, 1.0]])
    chart = chart_of(draw, Supervision({"every": [3e-3, 2e-3], "last": [1e-4, 5e-3]}, torch.zeros(3, 4, 4), target, HOLDS))
    assert named(chart, "a loss at every stack")["y"] == [3e-3, 2e-3]
    assert named(chart, "a loss at the last stack only")["y"] == [1e-4, 5e-3]
    assert named(chart, "a loss at the last stack only")["x"] == ["1", "2"]
    assert of_type(chart, "heatmap")[0]["z"] == [[0.0, 1.0]]
