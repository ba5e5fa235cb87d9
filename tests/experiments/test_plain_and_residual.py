"""Plain against residual depth: the gradient against autograd on the whole stack, and the claim."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from blocks.experiments.base import RunProgress, Stopped
from blocks.experiments.plain_and_residual import BATCH, CHANNELS, EXPERIMENT, SIDE, block_stack, run


def test_the_claim_holds_at_depth_and_not_without_it() -> None:
    deep = run(RunProgress(), depth=24)
    assert deep.verdict.holds
    assert deep.verdict.numbers["plain"] > 100 * deep.verdict.numbers["residual"]
    assert not run(RunProgress(), depth=2).verdict.holds


def test_the_gradient_is_autograds() -> None:
    found = run(RunProgress(), depth=4, seed=5)
    torch.manual_seed(5)
    net = nn.Sequential(*block_stack("residual", 4, "batch", 1.0))
    x = torch.randn(BATCH, CHANNELS, SIDE, SIDE, requires_grad=True)
    y = net(x)
    y.backward(torch.randn_like(y))
    assert x.grad is not None
    scale = found.gradient["residual"][0] / x.grad.square().mean().sqrt().item()
    assert found.gradient["residual"][-1] == pytest.approx(1.0)
    assert found.signal["residual"][-1] == pytest.approx((y.square().mean() / x.square().mean()).sqrt().item(), rel=1e-4)
    assert scale > 0


def test_it_is_seeded_and_leaves_depth_plus_one_sizes() -> None:
    a, b, c = run(RunProgress(), depth=6, seed=3), run(RunProgress(), depth=6, seed=3), run(RunProgress(), depth=6, seed=4)
    assert a == b
    assert a != c
    assert {len(v) for v in a.signal.values()} == {7}
    assert {len(v) for v in a.gradient.values()} == {6}


def test_stop_is_heard() -> None:
    ticks = 0

    def stopped() -> bool:
        nonlocal ticks
        ticks += 1
        return ticks > 3

    with pytest.raises(Stopped):
        EXPERIMENT.run(RunProgress(stopped=stopped), **EXPERIMENT.settings({"depth": 40}))
    assert ticks == 4
