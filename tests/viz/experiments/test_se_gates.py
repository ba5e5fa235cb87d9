"""The chart of the gates: a row per picture, channels ordered by their mean gate, in one scale from 0 to 1."""

from __future__ import annotations

import torch

from blocks.experiments.se_gates import Gates
from tests.drawing import HOLDS, chart_of, of_type
from viz.experiments.se_gates import draw


def test_channels_are_ordered_by_their_mean_and_rows_stay() -> None:
    gates = torch.tensor([[0.9, 0.1, 0.5], [0.7, 0.3, 0.5]])
    chart = chart_of(draw, Gates(torch.zeros(2, 3, 8, 8), [gates, gates.flip(0)], [0.1, 0.0625], 1.0, HOLDS))
    first, second = of_type(chart, "heatmap")
    assert [[round(v, 3) for v in row] for row in first["z"]] == [[0.1, 0.5, 0.9], [0.3, 0.5, 0.7]]
    assert [[round(v, 3) for v in row] for row in second["z"]] == [[0.3, 0.5, 0.7], [0.1, 0.5, 0.9]]
    assert (first["zmin"], first["zmax"]) == (0, 1)
    said = [axis["title"]["text"] for axis in chart["layout"].values() if isinstance(axis, dict) and "spread" in str(axis.get("title"))]
    assert said == ["spread 0.100", "spread 0.062"]
