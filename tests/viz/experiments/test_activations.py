"""The chart of the activations: every function on the left, every slope on the right, in one colour."""

from __future__ import annotations

import pytest
import torch

from blocks.experiments.activations import ACTIVATION_TITLES, Curves
from tests.drawing import HOLDS, chart_of, titles
from viz.experiments.activations import draw


def test_each_function_stands_beside_its_slope() -> None:
    x = torch.arange(-8.0, 8.0)
    curves = {name: (i + 1) * x for i, name in enumerate(ACTIVATION_TITLES)}
    slopes = {name: torch.full_like(x, i + 1) for i, name in enumerate(ACTIVATION_TITLES)}
    chart = chart_of(draw, Curves(x, curves, slopes, HOLDS))
    assert [(t["name"], t["y"]) for t in chart["data"][:4]] == [(t, [-8.0 * (i + 1), 0.0]) for i, t in enumerate(ACTIVATION_TITLES.values())]
    assert [t["y"] for t in chart["data"][4:]] == [[i + 1.0] * 2 for i in range(4)]
    assert {t["xaxis"] for t in chart["data"][4:]} == {"x2"}
    assert [t["line"]["color"] for t in chart["data"][:4]] == [t["line"]["color"] for t in chart["data"][4:]]


@pytest.mark.parametrize(("language", "said"), [("en", ["Function", "Derivative"]), ("zh", ["函数", "导数"])])
def test_the_panes_speak_the_users_language(language: str, said: list[str]) -> None:
    x = torch.zeros(8)
    flat = dict.fromkeys(ACTIVATION_TITLES, x)
    assert titles(chart_of(draw, Curves(x, flat, flat, HOLDS), language)) == said
