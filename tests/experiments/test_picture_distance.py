"""Two pictures: what a distance must be, whatever the network has learned."""

from __future__ import annotations

import pytest
import torch

from blocks.experiments import picture_distance
from blocks.experiments.base import RunProgress
from blocks.experiments.picture_distance import grey, run
from blocks.experiments.pictures import Picture


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_distance, "EPOCHS", 2)


def test_a_pixel_aside_is_nearer_than_another_picture() -> None:
    found = run(RunProgress(), picture="cat", other="city")
    assert found.verdict.holds
    assert found.found[0] == pytest.approx(0, abs=1e-5)
    assert found.found[1] < found.found[2]
    assert 0 <= found.score <= 1
    back = run(RunProgress(), picture="city", other="cat")
    assert back.found[2] == pytest.approx(found.found[2], abs=1e-5)


def test_a_picture_beside_itself_is_no_farther_than_moved() -> None:
    same = run(RunProgress(), picture="boat", other="boat")
    assert not same.verdict.holds
    assert same.found[2] == pytest.approx(0, abs=1e-5)


def test_a_flat_picture_of_the_persons_own_is_grey_and_finite() -> None:
    flat = Picture("flat", torch.full((3, 20, 30), 0.4))
    assert torch.isfinite(grey(flat)).all()
    assert grey("leaves").shape == (1, 32, 32)
    assert torch.isfinite(torch.tensor(run(RunProgress(), picture=flat).found)).all()
