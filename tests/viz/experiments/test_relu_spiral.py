"""The chart of the spiral: lost points are hollow, and the shares stand against the closed form."""

from __future__ import annotations

import torch

from blocks.experiments.relu_spiral import Spiral
from tests.drawing import HOLDS, chart_of, named, titles
from viz.experiments.relu_spiral import draw


def result(dims: int, lost: list[bool]) -> Spiral:
    points = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    back = dict.fromkeys((2, 3, 30), points * 2)
    none = torch.tensor([False, False])
    return Spiral(dims, points, back, {n: torch.tensor(lost) if n == dims else none for n in back}, {2: 0.74, 30: 0.0}, {2: 0.75, 30: 0.0}, HOLDS)


def test_lost_points_are_hollow_and_y_points_up() -> None:
    chart = chart_of(draw, result(3, [False, True]))
    assert titles(chart) == ["The spiral", "Back from n = 3", "Back from n = 30", "Share lost, by n"]
    whole, back, other = chart["data"][:3]
    assert whole["marker"]["symbol"] == other["marker"]["symbol"] == ["circle", "circle"]
    assert back["marker"]["symbol"] == ["circle", "circle-open"]
    assert (whole["x"], whole["y"]) == ([0.0, 1.0], [-1.0, 0.0])  # the axis of a pane of pictures points down
    assert named(chart, "(n + 1)/2ⁿ")["y"] == [0.75, 0.0]
    assert named(chart, "measured")["y"] == [0.74, 0.0]


def test_the_legend_names_lost_points_only_where_there_are_some() -> None:
    assert "lost" not in {t.get("name") for t in chart_of(draw, result(3, [False, False]))["data"]}
    assert "Back from n = 2" in titles(chart_of(draw, result(30, [True, False])))
