"""The chart of Shake-Shake's draws: the first draws, the histogram with eval mode's value and the mean, α against β."""

from __future__ import annotations

import torch

from blocks.experiments.shake_spread import IMAGES, Spread
from tests.drawing import HOLDS, chart_of, named, of_type
from viz.experiments.shake_spread import PAIRS, SHOWN, draw


def test_panes_hold_the_draws_they_say() -> None:
    draws = 100
    alpha = torch.linspace(0, 1, draws)[:, None].repeat(1, IMAGES)
    result = Spread("image", alpha, 1 - alpha, torch.tensor([1.0, 2.0, 6.0]), (7.0, -1.0), 4.0, HOLDS)
    chart = chart_of(draw, result)
    first = named(chart, "image 1")
    assert (len(first["x"]), first["x"][0]) == (SHOWN, 1)
    pairs = [t for t in of_type(chart, "scatter") if t.get("xaxis") == "x3"]
    assert len(pairs) == IMAGES
    assert len(pairs[0]["x"]) == PAIRS
    assert pairs[0]["y"][0] == 1.0
    assert sorted(s["x0"] for s in chart["layout"]["shapes"]) == [3.0, 4.0]  # the mean of 1, 2, 6, and eval mode's value
    assert chart["layout"]["xaxis2"]["range"] == [-1.0, 7.0]
