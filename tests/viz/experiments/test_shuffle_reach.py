"""The chart of what outputs reach: empty where no gradient arrives, lines between the groups, weights below."""

from __future__ import annotations

import torch

from blocks.experiments.shuffle_reach import CHANNELS, SHUFFLE_WAYS, Reach
from tests.drawing import HOLDS, chart_of, of_type
from viz.experiments.shuffle_reach import draw


def test_what_is_not_reached_stays_empty() -> None:
    sizes = torch.zeros(CHANNELS, CHANNELS)
    sizes[0, 0], sizes[0, 1] = 4.0, 1.0
    result = Reach(3, dict.fromkeys(SHUFFLE_WAYS, sizes), {"none": 1, "full": 3, "shuffled": 3}, {"none": 384, "full": 1152, "shuffled": 384}, HOLDS)
    chart = chart_of(draw, result)
    assert len(of_type(chart, "heatmap")) == 3
    assert of_type(chart, "heatmap")[0]["z"][0][:3] == [1.0, 0.5, None]  # square roots of the share of the largest
    across = {s["x0"] for s in chart["layout"]["shapes"] if s["x0"] == s["x1"]}
    assert across == {7.5, 15.5}
    assert chart["layout"]["xaxis2"]["title"]["text"] == "1 152 weights"
