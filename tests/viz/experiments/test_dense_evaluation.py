"""The chart of dense evaluation: windows on the picture, a map per size in one scale of colours, a bar per class."""

from __future__ import annotations

import torch

from blocks.experiments.dense_evaluation import Dense
from tests.drawing import HOLDS, chart_of, named, of_type, titles
from viz.experiments.dense_evaluation import draw

RESULT = Dense(
    torch.zeros(3, 320, 320), 320, {320: torch.full((4, 4), 5.0), 224: torch.tensor([[-2.0]])}, {224: [0.1, 0.2], 320: [0.3, 0.5]}, [0.2, 0.35], 0, 0, HOLDS
)


def test_the_last_window_ends_where_the_picture_ends() -> None:
    first, last = ((s["x0"], s["x1"]) for s in chart_of(draw, RESULT)["layout"]["shapes"])
    assert first == (-0.5, 223.5)
    assert last == (95.5, 319.5)  # three steps of 32 further, and the picture has 320 pixels


def test_maps_go_up_in_size_and_share_a_scale() -> None:
    chart = chart_of(draw, RESULT)
    assert titles(chart) == ["Two windows", "224 px: 1x1", "320 px: 4x4", "Scores by size"]
    assert {(m["zmin"], m["zmax"]) for m in of_type(chart, "heatmap")} == {(-2.0, 5.0)}
    assert named(chart, "320 px")["y"] == [0.3, 0.5]
    assert named(chart, "mean of all sizes")["y"] == [0.2, 0.35]
