from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from blocks import analyse, catalog
from blocks.families.hourglass import Hourglass, HourglassNet, HourglassResidual, heat_maps, stack_losses
from blocks.knobs import KnobError

SMALL = {"stacks": 3, "depth": 2, "features": 16, "num_classes": 5}


def residual_weights(c_in: int, c_out: int) -> int:
    middle = c_out // 2
    convs = c_in * middle + middle + 9 * middle * middle + middle + middle * c_out + c_out
    return convs + 2 * (c_in + 2 * middle) + (0 if c_in == c_out else c_in * c_out + c_out)


@pytest.mark.parametrize("stacks", [1, 2, 8])
def test_parameters_are_those_of_the_published_networks(stacks: int) -> None:
    """The README of pytorch-pose rounds 8 stacks to 25.59 M; the closed form counts them block by block."""
    features, joints, depth = 256, 16, 4
    stem = 64 * 3 * 49 + 64 + 128 + residual_weights(64, 128) + residual_weights(128, 256) + residual_weights(256, 256)
    one = (3 * depth + 1 + 1) * residual_weights(features, features) + features**2 + 3 * features + features * joints + joints
    back = features**2 + features + joints * features + features
    assert analyse(f"hourglass_{stacks}").params == stem + stacks * one + (stacks - 1) * back


def test_residual_is_pre_activated_with_a_clean_shortcut() -> None:
    net = HourglassResidual(6, 6).eval()
    torch.nn.init.zeros_(net.body[-1].weight)
    torch.nn.init.zeros_(net.body[-1].bias)
    x = torch.randn(2, 6, 5, 5)
    torch.testing.assert_close(net(x), x)


def test_hourglass_of_depth_one_is_skip_plus_upsampled_inner_branch() -> None:
    net = Hourglass(8, depth=1).double().eval()
    x = torch.randn(1, 8, 6, 4, dtype=torch.float64)
    low = net.up(net.inner(net.down(F.max_pool2d(x, 2, 2))))
    torch.testing.assert_close(net(x), net.skip(x) + low.repeat_interleave(2, 2).repeat_interleave(2, 3))


def test_every_stack_predicts_and_odd_sizes_are_met() -> None:
    net = HourglassNet(**SMALL).eval()
    predictions = net(torch.randn(2, 3, 52, 44))
    assert [tuple(p.shape) for p in predictions] == [(2, 5, 13, 11)] * 3


def test_predictions_feed_the_next_stack() -> None:
    torch.manual_seed(0)
    net = HourglassNet(**SMALL).eval()
    x = torch.randn(1, 3, 32, 32)
    before = net(x)
    with torch.no_grad():
        net.stacks[0].predict.bias += 1
    after = net(x)
    torch.testing.assert_close(after[0], before[0] + 1)
    assert (after[1] - before[1]).abs().max() > 1e-4


def test_a_stacks_loss_reaches_only_the_stacks_up_to_it() -> None:
    torch.manual_seed(0)
    net = HourglassNet(**SMALL).train()
    predictions = net(torch.randn(2, 3, 32, 32))
    losses = stack_losses(predictions, torch.zeros_like(predictions[0]))
    assert losses.shape == (3,)
    losses[1].backward()
    assert net.stacks[0].predict.weight.grad is not None  # its prediction is fed back
    assert net.stacks[1].predict.weight.grad is not None
    assert net.stacks[0].hourglass.skip[0].body[2].weight.grad.abs().sum() > 0
    assert all(p.grad is None or not p.grad.any() for p in net.stacks[2].parameters())


def test_loss_is_the_mean_squared_error_of_visible_joints() -> None:
    a, target = torch.randn(2, 3, 4, 5), torch.randn(2, 3, 4, 5)
    torch.testing.assert_close(stack_losses([a, a + 1], target), torch.stack([F.mse_loss(a, target), F.mse_loss(a + 1, target)]))
    visible = torch.tensor([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
    wanted = ((a - target) ** 2)[visible.bool()].sum() / a.numel()
    torch.testing.assert_close(stack_losses([a], target, visible)[0], wanted)
    with pytest.raises(KnobError, match="predictions' shape"):
        stack_losses([a], target[:, :2])


def test_heat_map_is_a_gaussian_of_height_one_at_the_joint() -> None:
    maps = heat_maps(torch.tensor([[[3.0, 1.0], [0.0, 4.0]]]), 6, 8, sigma=2.0)
    assert maps.shape == (1, 2, 6, 8)
    assert maps[0, 0].argmax() == 1 * 8 + 3
    assert maps[0, 1, 4, 0] == 1
    assert maps[0, 0, 1, 5] == pytest.approx(torch.e ** (-4 / 8), rel=1e-6)


@pytest.mark.parametrize(("knobs", "argument"), [({"features": 30}, "features"), ({"groups": 7}, "groups"), ({"stacks": 40}, "stacks")])
def test_bad_knobs_say_which_value_works(knobs: dict, argument: str) -> None:
    with torch.device("meta"):
        with pytest.raises(KnobError) as caught:
            catalog.build("hourglass_1", **knobs)
        assert caught.value.argument == argument
        catalog.build("hourglass_1", **{**knobs, argument: caught.value.nearest[0]})


def test_a_picture_too_small_for_the_depth_is_refused_with_the_depth_that_fits() -> None:
    with pytest.raises(KnobError) as caught:
        Hourglass(8, depth=4).eval()(torch.randn(1, 8, 9, 12))
    assert caught.value.argument == "depth"
    assert Hourglass(8, depth=caught.value.nearest[0]).eval()(torch.randn(1, 8, 9, 12)).shape == (1, 8, 9, 12)


def test_combined_parts_run_and_train() -> None:
    net = HourglassNet(stacks=2, depth=2, features=32, blocks=2, kernel_size=5, groups=4, se_ratio=4, activation="silu", num_classes=3)
    predictions = net.train()(torch.randn(2, 3, 32, 32))
    stack_losses(predictions, torch.zeros_like(predictions[0])).sum().backward()
    assert all(p.grad is not None for p in net.parameters())
