"""The chart of receptive fields: squares around the middle, never larger than the picture."""

from __future__ import annotations

import torch

from blocks.experiments.receptive_field import SIDE, Fields
from tests.drawing import HOLDS, chart_of
from viz.experiments.receptive_field import draw


def sides(theory: list[int], effective: int) -> list[float]:
    """Sides of the squares on the chart, which must all have the picture's middle in common."""
    chart = chart_of(draw, Fields(torch.zeros(3, SIDE, SIDE), torch.ones(SIDE, SIDE), theory, theory, [effective], HOLDS))
    squares = chart["layout"]["shapes"]
    assert {(s["x0"] + s["x1"]) / 2 for s in squares} == {(SIDE - 1) / 2}
    return [s["x1"] - s["x0"] for s in squares]


def test_each_square_has_its_layers_side() -> None:
    assert sides([3, 5, 7], 4) == [3, 3, 5, 5, 7, 7, 7, 4]  # a dark and a light line for each layer; then theory and gradient


def test_a_field_larger_than_the_picture_is_the_picture() -> None:
    assert max(sides([3, 4 * SIDE], 9)) == SIDE
