"""The chart of the siamese network: distances by epoch, and a frame around the nearest example."""

from __future__ import annotations

import torch

from blocks.experiments.siamese_shapes import UNSEEN, Parting
from tests.drawing import HOLDS, chart_of, named, of_type, titles
from viz.experiments.siamese_shapes import draw


def test_the_nearest_example_is_framed() -> None:
    now = (torch.tensor([0.1]), torch.tensor([0.9]))
    pictures = torch.zeros(len(UNSEEN), 1, 32, 32)
    distances = torch.tensor([0.8, 0.7, 0.25, 0.9])
    chart = chart_of(draw, Parting([0.5, 0.2], [0.5, 0.8], now, now, pictures[0], pictures, distances, 1.0, HOLDS))
    assert named(chart, "one class")["y"] == [0.5, 0.2]
    assert named(chart, "two classes")["y"] == [0.5, 0.8]
    assert titles(chart)[3:] == ["d = 0.80", "d = 0.70", "d = 0.25", "d = 0.90"]
    framed = chart["layout"]["shapes"][0]["xref"]
    assert [image["xaxis"] for image in of_type(chart, "image")].index(framed) == 3  # after the query, the third example
