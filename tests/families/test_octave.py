"""Octave convolution: its cost, its four paths, its empty sides, and pictures that cannot be halved."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from blocks import catalog
from blocks.families.octave import relative_macs
from blocks.knobs import KnobError


def macs(net: nn.Module, x: Tensor) -> int:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(x)
    return counter.get_total_flops() // 2


def parameters(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


@pytest.mark.parametrize("alpha", [0.125, 0.25, 0.5, 0.75])
def test_macs_shrink_by_the_papers_factor_and_weights_do_not(alpha: float) -> None:
    x = torch.empty(1, 64, 16, 16)
    octave = catalog.build("octave_conv", c_in=64, c_out=32, alpha_in=alpha, alpha_out=alpha)
    ordinary = nn.Conv2d(64, 32, 3, padding=1, bias=False)
    assert parameters(octave) == parameters(ordinary)
    assert macs(octave, x) == relative_macs(alpha) * macs(ordinary, x)


def test_the_worked_example() -> None:
    assert relative_macs(0.5) == 0.4375
    assert relative_macs(0) == 1


def conv(x: Tensor, path: nn.Conv2d) -> Tensor:
    return F.conv2d(x, path.weight, padding=1)


@pytest.mark.parametrize("stride", [1, 2])
def test_four_paths_as_in_figure_2(stride: int) -> None:
    block = catalog.build("octave_conv", c_in=8, c_out=12, alpha_in=0.25, alpha_out=0.5, stride=stride).double()
    high, low = torch.randn(2, 6, 8, 8, dtype=torch.float64), torch.randn(2, 2, 4, 4, dtype=torch.float64)
    out_high, out_low = block((high, low))
    down = F.avg_pool2d(high, stride)
    up = conv(low, block.low_to_high)
    torch.testing.assert_close(out_high, conv(down, block.high_to_high) + (F.interpolate(up, scale_factor=2) if stride == 1 else up))
    torch.testing.assert_close(out_low, conv(F.avg_pool2d(down, 2), block.high_to_low) + conv(F.avg_pool2d(low, stride), block.low_to_low))


def test_first_and_last_layer_have_one_side_empty() -> None:
    x = torch.randn(1, 8, 8, 8)
    pair = catalog.build("octave_conv", c_in=8, c_out=8, alpha_in=0.0)(x)
    assert [tuple(half.shape) for half in pair] == [(1, 4, 8, 8), (1, 4, 4, 4)]
    assert catalog.build("octave_conv", c_in=8, c_out=8, alpha_out=0.0)(pair).shape == (1, 8, 8, 8)
    plain = catalog.build("octave_conv", c_in=8, c_out=8, alpha_in=0.0, alpha_out=0.0)
    torch.testing.assert_close(plain(x), conv(x, plain.high_to_high))


@pytest.mark.parametrize("name", ["oct_resnet50", "oct_resnet101"])
def test_a_network_keeps_its_parameters(name: str) -> None:
    with torch.device("meta"):
        assert parameters(catalog.build(name)) == parameters(catalog.build(name.removeprefix("oct_")))


def test_an_octave_block_with_gate_groups_and_ibn_trains() -> None:
    block = catalog.build("octave_bottleneck", c_in=16, c_mid=8, c_out=16, groups=2, se_ratio=4, norm="ibn_a").train()
    high, low = block(torch.randn(2, 16, 8, 8))
    (high.square().mean() + low.square().mean()).backward()
    assert all(p.grad is not None for p in block.parameters())


@pytest.mark.parametrize(
    ("knobs", "argument"),
    [({"c_in": 2, "alpha_in": 0.25}, "alpha_in"), ({"c_out": 2, "alpha_out": 0.25}, "alpha_out"), ({"c_in": 12, "c_out": 12, "groups": 4}, "groups")],
)
def test_what_cannot_be_is_refused_and_the_nearest_value_works(knobs: dict[str, float], argument: str) -> None:
    with pytest.raises(KnobError) as error:
        catalog.build("octave_conv", **knobs)
    assert error.value.argument == argument
    assert error.value.nearest
    for nearest in error.value.nearest:
        catalog.build("octave_conv", **(knobs | {argument: nearest}))


def test_an_odd_picture_is_refused_with_the_sides_that_work() -> None:
    block = catalog.build("octave_conv", c_in=8, c_out=8)
    with pytest.raises(KnobError) as error:
        block(torch.randn(1, 8, 7, 8))
    assert (error.value.argument, error.value.nearest) == ("resolution", (6, 8))
