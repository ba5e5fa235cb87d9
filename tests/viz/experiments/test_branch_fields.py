"""The chart of the branches' fields: an outline around the pixels that each branch sees, and torch's own words below."""

from __future__ import annotations

import torch

from blocks.experiments.branch_fields import SIDE, Branch, Branches
from tests.drawing import HOLDS, charts, drawn, of_type
from viz.experiments.branch_fields import draw


def test_an_outline_surrounds_the_pixels_that_a_branch_sees() -> None:
    padded = [Branch("5x5", 2, 21, (8, 7, 5, 4))]
    bare = [Branch("5x5", 0, 17, (10, 10, 5, 4))]
    app = drawn(draw, Branches(torch.zeros(3, SIDE, SIDE), padded, bare, "Sizes of tensors must match", HOLDS))
    (chart,) = charts(app)
    outlines = of_type(chart, "scatter")
    assert outlines[0]["x"] == [6.5, 10.5, 10.5, 6.5, 6.5]  # pixels 7 to 10, whole
    assert outlines[0]["y"] == [7.5, 7.5, 12.5, 12.5, 7.5]  # pixels 8 to 12
    assert outlines[1]["x"][0] == 9.5
    assert [outline["showlegend"] for outline in outlines] == [True, False]
    assert chart["layout"]["xaxis2"]["title"]["text"] == "sides 17"
    assert "Sizes of tensors must match" in app.caption[0].value
