"""The chart of distances between pictures: a bar per distance, written above it."""

from __future__ import annotations

import torch

from blocks.experiments.picture_distance import Distances
from tests.drawing import HOLDS, chart_of, of_type
from viz.experiments.picture_distance import draw


def test_a_bar_per_distance_with_room_for_its_number() -> None:
    chart = chart_of(draw, Distances(torch.zeros(3, 1, 32, 32), [0.0, 0.125, 2.0], 0.5, HOLDS))
    (bars,) = of_type(chart, "bar")
    assert bars["x"] == ["First", "Moved a pixel", "Other"]
    assert bars["text"] == ["0.000", "0.125", "2.000"]
    assert chart["layout"]["yaxis4"]["range"][1] > 2.0
    assert len(of_type(chart, "image")) == 3


def test_three_equal_pictures_still_have_an_axis() -> None:
    chart = chart_of(draw, Distances(torch.zeros(3, 1, 32, 32), [0.0, 0.0, 0.0], 0.5, HOLDS))
    low, high = chart["layout"]["yaxis4"]["range"]
    assert low < high
