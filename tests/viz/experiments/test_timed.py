"""The chart of every experiment about time: bars relative to the first network, the interval as whiskers, the figures with units below."""

from __future__ import annotations

import math
from typing import Any

import pytest

from blocks.experiments.kernel_sizes import Kernels
from blocks.experiments.shift_time import ShiftTimes
from blocks.experiments.shuffle_guidelines import GuidelineTimes
from blocks.experiments.squeeze_or_alex import SqueezeTimes
from blocks.experiments.timed import Timed
from blocks.experiments.wide_or_deep import Budget
from tests.drawing import HOLDS, charts, drawn, titles
from viz.experiments import kernel_sizes, shift_time, shuffle_guidelines, squeeze_or_alex, wide_or_deep
from viz.experiments.timed import draw_timed

FIRST = Timed("7x7", 1000, 4_000_000, 8_000_000, 2**20, 7, 2e-3, 1.9e-3, 2.1e-3, None)
OTHER = Timed("three 3x3", 550, 2_200_000, 4_400_000, 3 * 2**20, 7, 3e-3, 2.9e-3, 3.1e-3, (1.5, 1.25, 2.0))
EARLY = Timed("5x5", 500, 2_000_000, 4_000_000, 2**20, 5, 1e-3, None, None, (0.5, None, None))
ROWS = [FIRST, OTHER]


def test_bars_are_relative_to_the_first_and_whiskers_are_the_interval() -> None:
    app = drawn(draw_timed, [FIRST, OTHER, EARLY])
    (chart,) = charts(app)
    first, other, early = chart["data"]
    assert first["x"] == ["parameters", "MACs", "bytes moved", "time"]
    assert first["y"] == [1, 1, 1, 1]
    assert other["y"] == [0.55, 0.55, 3, 1.5]
    assert (other["error_y"]["array"], other["error_y"]["arrayminus"]) == ([0, 0, 0, 0.5], [0, 0, 0, 0.25])
    assert early["error_y"]["array"] == early["error_y"]["arrayminus"] == [0, 0, 0, 0]
    assert "| three 3x3 | 550 | 2.200 M | 3.00 MiB | 3 |" in app.markdown[0].value


def test_what_the_first_has_none_of_is_no_bar() -> None:
    bare = Timed("shift", 0, 0, 0, 2**20, 3, 1e-3, None, None, None)
    (chart,) = charts(drawn(draw_timed, [bare, OTHER]))
    assert chart["data"][1]["x"] == ["bytes moved", "time"]
    assert not any(math.isinf(v) for v in chart["data"][1]["y"])


@pytest.mark.parametrize(
    ("draw", "result", "names", "scale"),
    [
        (kernel_sizes.draw, Kernels(ROWS, HOLDS), ["7x7", "three 3x3"], "linear"),
        (wide_or_deep.draw, Budget(ROWS, HOLDS), ["7x7", "three 3x3"], "linear"),
        (squeeze_or_alex.draw, SqueezeTimes(ROWS, HOLDS), ["7x7", "three 3x3"], "log"),
        (shift_time.draw, ShiftTimes([FIRST, OTHER, EARLY], HOLDS), ["depthwise 3×3", "shift", "1×1"], "linear"),
        (shuffle_guidelines.draw, GuidelineTimes("G1", ROWS, HOLDS), ["equal widths", "16 : 1"], "linear"),
    ],
)
def test_each_experiment_names_its_networks(draw: Any, result: Any, names: list[str], scale: str) -> None:
    app = drawn(draw, result)
    (chart,) = charts(app)
    assert [t["name"] for t in chart["data"]] == names
    assert chart["layout"]["yaxis"]["type"] == scale
    assert titles(chart) == []


def test_a_guideline_is_said_above_its_chart() -> None:
    assert drawn(shuffle_guidelines.draw, GuidelineTimes("G4", ROWS, HOLDS)).markdown[0].value == "**Element-wise operations are not free.**"
    assert drawn(shuffle_guidelines.draw, GuidelineTimes("G2", ROWS, HOLDS), "zh").markdown[0].value == "**组数多，访存多。**"
