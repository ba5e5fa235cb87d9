"""The random mixture of two branches: shares forwards and backwards, and what eval mode and each draw make of them."""

from __future__ import annotations

import pytest
import torch

from blocks.layers.shake import Shake, ShakeFunction

SHAPE = (4, 3, 5, 7)


def test_shares_forwards_and_backwards_are_independent() -> None:
    a, b = (torch.randn(SHAPE, dtype=torch.float64, requires_grad=True) for _ in range(2))
    alpha, beta = torch.full((1, 1, 1, 1), 0.3, dtype=torch.float64), torch.full((1, 1, 1, 1), 0.9, dtype=torch.float64)
    out = ShakeFunction.apply(a, b, alpha, beta)
    torch.testing.assert_close(out, 0.3 * a + 0.7 * b)
    gradient = torch.randn(SHAPE, dtype=torch.float64)
    out.backward(gradient)
    torch.testing.assert_close(a.grad, 0.9 * gradient)
    torch.testing.assert_close(b.grad, 0.1 * gradient)


@pytest.mark.parametrize(("draw", "different"), [("image", 4), ("batch", 1), ("even", 1)])
def test_shares_are_drawn_for_each_picture_or_for_all(draw: str, different: int) -> None:
    torch.manual_seed(0)
    out = Shake(draw).train()(torch.ones(SHAPE), torch.zeros(SHAPE))
    shares = out[:, 0, 0, 0]
    torch.testing.assert_close(out, shares.view(4, 1, 1, 1).expand(SHAPE))
    assert len(shares.unique()) == different
    assert 0 <= shares.min() <= shares.max() <= 1
    assert (draw != "even") or shares[0] == 0.5


@pytest.mark.parametrize("draw", ["image", "batch", "even"])
def test_eval_mode_takes_the_mean(draw: str) -> None:
    a, b = torch.randn(SHAPE), torch.randn(SHAPE)
    torch.testing.assert_close(Shake(draw).eval()(a, b), (a + b) / 2)


def test_both_halves_of_a_pair_get_the_same_shares() -> None:
    ones, zeros = (torch.ones(SHAPE), torch.ones(4, 2, 2, 3)), (torch.zeros(SHAPE), torch.zeros(4, 2, 2, 3))
    high, low = Shake("image").train()(ones, zeros)
    assert (high.shape, low.shape) == (ones[0].shape, ones[1].shape)
    torch.testing.assert_close(high[:, 0, 0, 0], low[:, 0, 0, 0])
