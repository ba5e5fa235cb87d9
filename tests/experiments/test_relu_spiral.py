"""The spiral: lost points by counting equations, against solving them."""

from __future__ import annotations

import pytest
import torch

from blocks.experiments import relu_spiral
from blocks.experiments.base import RunProgress
from blocks.experiments.relu_spiral import run, spiral, through


@pytest.mark.parametrize("dims", [2, 4, 40])
def test_the_lost_share_follows_the_binomial(dims: int) -> None:
    found = run(RunProgress(), dims=dims, seed=dims)
    assert found.verdict.holds
    assert found.expected[dims] == pytest.approx((dims + 1) / 2**dims)
    assert found.shares[2] > 0.7 > 0.01 > found.shares[15]


def test_points_with_two_equations_come_back_exactly_and_others_cannot() -> None:
    torch.manual_seed(3)
    points, embed = spiral(), torch.randn(4, 2, dtype=torch.float64)
    _, lost = through(points, embed)
    kept = torch.relu(points @ embed.T)
    assert 0 < int(lost.sum()) < len(points)
    for point, y, gone in zip(points, kept, lost, strict=True):
        rows = embed[y > 0]
        if gone:
            assert torch.linalg.matrix_rank(rows) < 2 if len(rows) else True
        else:
            assert torch.allclose(torch.linalg.lstsq(rows, y[y > 0, None]).solution[:, 0], point, atol=1e-6)


def test_without_relu_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "relu", lambda x: x)
    points = spiral()
    assert torch.allclose(through(points, torch.randn(5, 2, dtype=torch.float64))[0], points)


def test_a_wrong_theory_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relu_spiral, "spiral", lambda: torch.zeros(50, 2, dtype=torch.float64))
    assert not run(RunProgress()).verdict.holds
