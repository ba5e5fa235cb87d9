"""What predicts latency: the sentence names the best and the worst predictor, and the page's networks are marked."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from blocks.latency.roofline.predictors import PREDICTORS, Predictors
from tests.drawing import charts, said, shown
from viz.kit.board import Board, sides
from viz.kit.choice import Choice
from viz.latency import predicting


def test_the_sentence_names_the_ranks(monkeypatch: pytest.MonkeyPatch) -> None:
    rho = dict(zip(PREDICTORS, (0.4, 0.31, 0.82, 0.79, 0.9, 0.987), strict=True))
    ranks = pd.DataFrame([(name, value, value - 0.02, value + 0.01) for name, value in rho.items()], columns=["predictor", "rho", "low", "high"])
    table = pd.DataFrame(
        {"preset": ["resnet18", "vgg11"], "image_size": 224, "batch": 64, **{name: [1.0, 2.0] for name in PREDICTORS}, "seconds": [0.001, 0.002]}
    )
    found = Predictors("setup", "A card", "float16", table, ranks, 0.123)
    monkeypatch.setattr(predicting, "predictors", lambda _: found)
    marks: list[Any] = []
    real = predicting.figures.against_time
    monkeypatch.setattr(predicting.figures, "against_time", lambda *given: marks.append(given[3]) or real(*given))
    board = Board()
    board.add(Choice("vgg11"), colour=5)
    app = shown(predicting.predict_section, sides(board))
    words = said(app)
    assert "FLOPs order 2 networks with a rank correlation of 0.79 (0.77 – 0.80); roofline model with 0.987, number of operations with 0.31" in words
    assert "it is off by 12 % in the median" in words
    assert marks == [{"vgg11": 5}] * 2
    assert len(charts(app)) == 3
