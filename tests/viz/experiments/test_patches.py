"""The chart of the patches: lines on the picture between them, and the terms from least to most, attention in its own colour."""

from __future__ import annotations

import torch

from blocks.experiments.patches import Patches
from tests.drawing import HOLDS, chart_of, of_type, titles
from viz.experiments.patches import draw


def test_lines_stand_between_patches_and_the_largest_term_on_top() -> None:
    terms = {"embedding": 20, "projections": 400, "perceptron": 800, "attention": 100, "classifier": 1}
    chart = chart_of(draw, Patches(torch.zeros(3, 48, 48), 16, 48, 10, terms, 1321, HOLDS))
    assert titles(chart)[0] == "3 x 3 patches of 16 x 16"
    grid = of_type(chart, "scatter")[0]
    assert sorted({x for x in grid["x"] if x is not None}) == [-0.5, 15.5, 31.5, 47.5]
    bars = of_type(chart, "bar")[0]
    assert bars["x"] == [1, 20, 100, 400, 800]
    assert bars["y"][-1] == "MLP 8D²N"
    tones = bars["marker"]["color"]
    assert tones[2] not in (tones[0], tones[4])
    assert tones[0] == tones[4]
