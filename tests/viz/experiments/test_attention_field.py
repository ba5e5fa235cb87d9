"""The chart of what a position sees: empty where it sees nothing, and the share above each map."""

from __future__ import annotations

import torch

from blocks.experiments.attention_field import LAYERS, SIDE, Sight
from tests.drawing import HOLDS, chart_of, of_type, titles
from viz.experiments.attention_field import draw


def test_faint_sight_shows_and_nothing_stays_empty() -> None:
    energy = torch.zeros(SIDE, SIDE)
    energy[3, 5], energy[3, 6] = 1.0, 1e-4
    shares = {"convolution": [0.002, 0.006, 0.012], "attention": [0.25, 1.0, 1.0]}
    chart = chart_of(draw, Sight(torch.zeros(3, SIDE, SIDE), 8, [energy] * LAYERS, [energy] * LAYERS, shares, HOLDS))
    maps = of_type(chart, "heatmap")
    assert len(maps) == 2 * LAYERS
    row = maps[0]["z"][3]
    assert row[5] == 1.0
    assert abs(row[6] - 0.1) < 1e-6  # the fourth root of 1e-4
    assert row[7] is None
    assert titles(chart) == ["Image", "3x3, 1: 0.2%", "3x3, 2: 0.6%", "3x3, 3: 1.2%", "patch: 25.0%", "attention, 1: 100%", "attention, 2: 100%"]
