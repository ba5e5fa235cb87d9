"""Shake-Shake: the forward share, the independent backward share, and their absence in eval mode."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from blocks import catalog
from blocks.families.shake_shake import ShiftedShortcut
from blocks.knobs import KnobError
from blocks.layers.shake import Shake, ShakeFunction


def shaken(draw: str, batch: int = 6) -> tuple[Tensor, Tensor, Tensor]:
    """α of each picture, and the shares of the gradient that the two branches got."""
    a = torch.ones(batch, 2, 3, 3, dtype=torch.float64, requires_grad=True)
    b = torch.zeros_like(a, requires_grad=True)
    out = Shake(draw).train()(a, b)  # with branches 1 and 0 the output is α itself
    out.sum().backward()
    assert a.grad is not None
    assert b.grad is not None
    for t in (out, a.grad, b.grad):
        assert (t == t[:, :1, :1, :1]).all()
    return out[:, 0, 0, 0].detach(), a.grad[:, 0, 0, 0], b.grad[:, 0, 0, 0]


def test_gradient_is_split_by_beta_and_not_by_alpha() -> None:
    a, b = (torch.randn(4, 3, 2, 2, dtype=torch.float64, requires_grad=True) for _ in range(2))
    alpha, beta = (torch.rand(4, 1, 1, 1, dtype=torch.float64) for _ in range(2))
    out = ShakeFunction.apply(a, b, alpha, beta)
    torch.testing.assert_close(out, alpha * a + (1 - alpha) * b)
    upstream = torch.randn_like(out)
    grads = torch.autograd.grad(out, (a, b), upstream)
    torch.testing.assert_close(grads[0], beta * upstream)
    torch.testing.assert_close(grads[1], (1 - beta) * upstream)


def test_a_share_for_each_picture() -> None:
    torch.manual_seed(1)
    alpha, beta, rest = shaken("image")
    assert alpha.unique().numel() == beta.unique().numel() == 6
    torch.testing.assert_close(beta + rest, torch.ones_like(beta))
    assert (alpha - beta).abs().min() > 1e-6


def test_one_share_for_the_batch() -> None:
    torch.manual_seed(1)
    alpha, beta, _ = shaken("batch")
    assert alpha.unique().numel() == beta.unique().numel() == 1
    assert alpha[0] != beta[0]


def test_alpha_and_beta_are_uncorrelated_and_uniform() -> None:
    torch.manual_seed(2)
    alpha, beta, _ = shaken("image", 4000)
    assert abs(torch.corrcoef(torch.stack([alpha, beta]))[0, 1]) < 0.06
    for share in (alpha, beta):
        assert abs(share.mean() - 0.5) < 0.02
        assert abs(share.var() - 1 / 12) < 0.005


def test_even_draw_and_eval_mode_take_the_mean() -> None:
    a, b = torch.randn(2, 3, 4, 4), torch.randn(2, 3, 4, 4)
    for shake in (Shake("even").train(), Shake("image").eval(), Shake("batch").eval()):
        torch.testing.assert_close(shake(a, b), (a + b) / 2)


def test_mean_of_many_draws_is_the_output_of_eval_mode() -> None:
    torch.manual_seed(3)
    block = catalog.build("shake_block", c_in=4, c_mid=4, c_out=4).eval()
    x = torch.randn(1, 4, 6, 6)
    expected = block(x)
    block.shake.train()  # the norms stay in eval mode: only the mixture is random
    draws = block(x.expand(4000, -1, -1, -1))
    spread = draws.std(0)
    uniform = (block.body(x) - block.second(x))[0].abs() / 12**0.5  # the deviation of α in [0, 1) is 1/√12
    torch.testing.assert_close(spread, uniform, rtol=0.05, atol=1e-5)
    assert ((draws.mean(0) - expected[0]).abs() <= 5 * spread / 4000**0.5 + 1e-6).all()


def test_shortcut_sees_the_positions_that_the_stride_leaves_out() -> None:
    shortcut = ShiftedShortcut(1, 2, 2, "relu").eval()
    with torch.no_grad():
        shortcut.straight.weight.fill_(1)
        shortcut.shifted.weight.fill_(1)
    x = torch.arange(1.0, 17).view(1, 1, 4, 4)
    straight, shifted = shortcut(x)[0] * (1 + shortcut.norm.eps) ** 0.5
    torch.testing.assert_close(straight, x[0, 0, ::2, ::2])
    torch.testing.assert_close(shifted, x[0, 0, 1::2, 1::2])


def test_published_networks() -> None:
    # The paper's table 1 gives 2.9 M, 11.7 M and 26.2 M; the implementation's idle projections are left out of them.
    for width, millions in ((32, 2.9), (64, 11.7), (96, 26.2)):
        with torch.device("meta"):
            net = catalog.build(f"shake_resnet26_2x{width}d", idle_shortcut=False)
        assert round(sum(p.numel() for p in net.parameters()) / 1e6, 1) == millions


def test_idle_projections_change_the_count_and_not_the_function() -> None:
    torch.manual_seed(0)
    with_idle = catalog.build("shake_block", c_in=4, c_mid=4, c_out=4, idle_shortcut=True).eval()
    without = catalog.build("shake_block", c_in=4, c_mid=4, c_out=4).eval()
    without.load_state_dict({k: v for k, v in with_idle.state_dict().items() if not k.startswith("idle")})
    x = torch.randn(1, 4, 6, 6)
    assert torch.equal(with_idle(x), without(x))
    assert sum(p.numel() for p in with_idle.idle.parameters()) == 4 * 4 + 2 * 4


@pytest.mark.parametrize(
    "knobs",
    [
        {"groups": 2, "se_ratio": 4, "norm": "ibn_a"},
        {"block": "bottleneck", "groups": 4, "draw": "batch", "se_ratio": 8, "se_placement": "pre"},
        {"layout": "k,1,k"},
    ],
    ids=str,
)
def test_combinations_train(knobs: dict[str, object]) -> None:
    net: nn.Module = catalog.build("shake_resnet26_2x32d", **({"widths": (16, 32, 64), "depths": (1, 2, 1), "idle_shortcut": False} | knobs)).train()
    net(torch.randn(2, 3, 32, 32)).square().mean().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in net.parameters())


def test_an_odd_width_cannot_be_joined_from_two_halves() -> None:
    with pytest.raises(KnobError) as error:
        catalog.build("shake_block", c_in=4, c_mid=4, c_out=7)
    assert error.value.nearest == (6, 8)
    for width in error.value.nearest:
        catalog.build("shake_block", c_in=4, c_mid=4, c_out=width)
