"""The chart of the three forms: one scale of colours around nothing, and each form's distance from (a)."""

from __future__ import annotations

import torch

from blocks.experiments.three_forms import Forms
from tests.drawing import HOLDS, chart_of, of_type
from viz.experiments.three_forms import draw


def test_the_maps_share_a_scale_around_nothing() -> None:
    outputs = {"a": torch.tensor([[1.0]]), "b": torch.tensor([[-4.0]]), "c": torch.tensor([[2.0]])}
    counts = dict.fromkeys("abc", 1)
    chart = chart_of(draw, Forms(outputs, {"a": 0.0, "b": 2.5e-16, "c": 1e-15}, counts, counts, counts, HOLDS))
    assert [m["z"] for m in of_type(chart, "heatmap")] == [[[1.0]], [[-4.0]], [[2.0]]]
    assert {(m["zmin"], m["zmax"]) for m in of_type(chart, "heatmap")} == {(-4.0, 4.0)}
    said = [chart["layout"][axis]["title"]["text"] for axis in ("xaxis", "xaxis2", "xaxis3")]
    assert said == ["reference", "largest difference 2.5e-16", "largest difference 1.0e-15"]
