"""The chart of memory access: mebibytes by the ratio of channels, the least point marked with its channels."""

from __future__ import annotations

from blocks.experiments.memory_access import Access
from tests.drawing import HOLDS, chart_of
from viz.experiments.memory_access import draw


def test_the_least_point_is_marked_and_ratios_are_read_as_fractions() -> None:
    result = Access([0.25, 1.0, 4.0], [(64, 256), (128, 128), (256, 64)], [5 * 2**20, 3 * 2**20, 6 * 2**20], [1, 1, 1], HOLDS)
    chart = chart_of(draw, result)
    curve, least = chart["data"]
    assert curve["y"] == [5.0, 3.0, 6.0]
    assert (least["x"], least["y"], least["text"]) == ([1.0], [3.0], ["least: 128 → 128"])
    assert chart["layout"]["xaxis"]["ticktext"] == ["1/4", "1", "4"]
