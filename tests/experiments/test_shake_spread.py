"""Shake's draws: uniform shares, one an image or one a batch, a mean that is eval's output, and a gradient with a share of its own."""

from __future__ import annotations

import math

import pytest
import torch

from blocks.experiments.base import RunProgress, Stopped
from blocks.experiments.shake_spread import EXPERIMENT, correlation, run, share


@pytest.mark.parametrize("mode", ["image", "batch"])
def test_the_mean_of_many_draws_is_eval_modes_output(mode: str) -> None:
    found = run(RunProgress(), draws=120, mode=mode)
    assert found.verdict.holds
    assert found.alpha.mean().item() == pytest.approx(0.5, abs=4 / math.sqrt(12 * 120))
    assert found.alpha.var().item() == pytest.approx(1 / 12, abs=0.03)
    assert min(found.ends) <= found.value.min().item() <= found.value.max().item() <= max(found.ends)
    assert found.use == pytest.approx(sum(found.ends) / 2, abs=1e-5)
    same = bool((found.alpha - found.alpha[:, :1]).abs().max() < 1e-4)
    assert same == (mode == "batch")


def test_backward_shares_are_drawn_apart_from_forward_ones() -> None:
    found = run(RunProgress(), draws=100)
    assert abs(correlation(found.alpha, found.beta)) < 4 / math.sqrt(found.alpha.numel())
    assert found.beta.min() >= -1e-4
    assert found.beta.max() <= 1 + 1e-4


def test_a_biased_mixture_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "rand_like", lambda t: torch.full_like(t, 0.9))
    assert not run(RunProgress(), draws=100).verdict.holds


def test_share_is_the_mixtures() -> None:
    torch.manual_seed(0)
    a, b = torch.randn(2, 3, 4, 4), torch.randn(2, 3, 4, 4)
    t, off = share(0.3 * a + 0.7 * b, a, b)
    assert t.tolist() == pytest.approx([0.3, 0.3], abs=1e-5)
    assert off < 1e-5
    assert share(a + torch.randn_like(a), a, b)[1] > 0.1


def test_stop_is_heard() -> None:
    with pytest.raises(Stopped):
        EXPERIMENT.run(RunProgress(stopped=lambda: True), **EXPERIMENT.settings({}))
