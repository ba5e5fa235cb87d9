"""Dense evaluation: both forms are one function, the windows are counted, and a form that is not the same is seen."""

from __future__ import annotations

import pytest
import torch

from blocks.experiments import dense_evaluation
from blocks.experiments.base import RunProgress, Stopped
from blocks.experiments.dense_evaluation import CLASSES, SIDES, STEP, TRAINED


@pytest.mark.parametrize("side", SIDES)
def test_one_pass_is_the_classifier_slid(side: int) -> None:
    found = dense_evaluation.run(RunProgress(), side=side)
    assert found.verdict.holds
    n = (side - TRAINED) // STEP + 1
    assert found.maps[side].shape == (n, n)
    assert found.maps[TRAINED].shape == (1, 1)
    assert found.verdict.numbers["times"] == pytest.approx(n**2 * (TRAINED / side) ** 2, rel=0.1)  # nearly all work is in the stages
    assert found.mean == pytest.approx([sum(found.scores[s][k] for s in found.scores) / len(found.scores) for k in range(CLASSES)])


def test_a_form_with_other_weights_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    made = dense_evaluation.classifier_forms

    def tampered(seed: int):
        net, dense = made(seed)
        with torch.no_grad():
            dense.classifier[0].weight[:, :, 3, 5] += 1e-3
        return net, dense

    monkeypatch.setattr(dense_evaluation, "classifier_forms", tampered)
    assert not dense_evaluation.run(RunProgress()).verdict.holds


def test_it_is_seeded_and_stops() -> None:
    assert dense_evaluation.run(RunProgress(), seed=2).mean == dense_evaluation.run(RunProgress(), seed=2).mean
    with pytest.raises(Stopped):
        dense_evaluation.run(RunProgress(stopped=lambda: True))
