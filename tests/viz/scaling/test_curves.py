"""Curves over a knob: values, published networks on them, measured points with their intervals."""

from __future__ import annotations

import pandas as pd

from blocks.space.axes import find_axis
from viz.kit.figures import MACS, PEAK_MEMORY
from viz.scaling import curves

WIDTH = find_axis("mobilenet_v2", "width_mult")
SIDE = find_axis("mobilenet_v2", "side")


def test_a_curve_is_in_the_axis_unit() -> None:
    frame = pd.DataFrame({WIDTH.name: [0.5, 1.0, 2.0], "peak_memory": [2**20, 2**21, 2**22]})
    made = curves.curve(frame, WIDTH, PEAK_MEMORY, 1.0, {"mobilenet_v2": (1.0, 2**21)}, log=True, dark=False)
    assert list(made.data[0].y) == [1, 2, 4]
    assert (list(made.data[1].x), list(made.data[1].y)) == ([1.0], [2])
    assert made.layout.yaxis.title.text == "Peak memory (MiB)"
    assert made.layout.xaxis.type == "log"


def test_a_line_for_each_value_of_the_second_knob() -> None:
    frame = pd.DataFrame({WIDTH.name: [1.0, 0.5, 1.0, 0.5], SIDE.name: [96, 96, 224, 224], "macs": [2, 1, 8, 4]})
    made = curves.curves(frame, WIDTH, SIDE, MACS, log=False, dark=False)
    assert [list(line.y) for line in made.data] == [[1, 2], [4, 8]]
    plane = curves.contour(frame, WIDTH, SIDE, MACS, (1.0, 224), log=False, dark=True)
    assert plane.data[0].z.tolist() == [[1, 2], [4, 8]]
    assert (plane.data[1].x[0], plane.data[1].y[0]) == (1.0, 224)


def test_measured_points_have_their_interval() -> None:
    frame = pd.DataFrame({"point": [2.0, 1.0], "median": [5.0, 3.0], "low": [4.5, None], "high": [6.0, None], "n": [30, 12], "converged": [True, False]})
    made = curves.measured_curve(frame, WIDTH, False).data[0]
    assert list(made.x) == [1.0, 2.0]
    assert list(made.error_y.array) == [0, 1.0]
    assert list(made.error_y.arrayminus) == [0, 0.5]
    assert list(made.marker.symbol) == ["circle-open", "circle"]


def test_published_networks_that_differ_in_one_knob_alone() -> None:
    assert curves.presets_on("resnet50", {}, find_axis("resnet50", "side"))["resnet50"] == 224
    assert "resnet50" not in curves.presets_on("resnet50", {"se_ratio": 16}, find_axis("resnet50", "side"))


def test_titles() -> None:
    assert "(pixels)" in curves.axis_title(SIDE)
    assert curves.axis_title(WIDTH).startswith(WIDTH.label)
