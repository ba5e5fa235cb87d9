"""Two frequencies: how channels are shared, and that the four paths are the four convolutions written out."""

from __future__ import annotations

import functools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from blocks.knobs import KnobError
from blocks.layers.octave import OctaveConv, OnHalves, SplitFrequencies, add_features, each, halves


@given(st.integers(2, 64), st.sampled_from([0.125, 0.25, 0.5, 0.75]))
def test_the_low_half_is_rounded_down_and_nothing_is_lost(channels: int, alpha: float) -> None:
    low = int(channels * alpha)
    if not low:
        with pytest.raises(KnobError, match="must leave a channel on each side"):
            halves(channels, alpha)
    else:
        assert halves(channels, alpha) == (channels - low, low)


def test_without_a_low_share_there_is_one_tensor() -> None:
    assert halves(7, 0.0) == (7, 0)
    assert isinstance(each(nn.BatchNorm2d, 7, 0.0), nn.BatchNorm2d)


def test_a_module_for_each_half() -> None:
    made = each(nn.BatchNorm2d, 8, 0.25)
    assert isinstance(made, OnHalves)
    assert (made.high.num_features, made.low.num_features) == (6, 2)
    high, low = made((torch.ones(2, 6, 4, 6), torch.ones(2, 2, 2, 3)))
    assert (high.shape, low.shape) == ((2, 6, 4, 6), (2, 2, 2, 3))


def test_features_of_either_kind_are_added() -> None:
    one, two = torch.ones(2, 3), torch.full((2, 3), 2.0)
    assert torch.equal(add_features(one, two), one + two)
    assert [float(part.sum()) for part in add_features((one, two), (two, two))] == [18, 24]


def test_taking_one_tensor_apart() -> None:
    x = torch.randn(2, 8, 4, 6)
    high, low = SplitFrequencies(8, 0.25)(x)
    torch.testing.assert_close(high, x[:, :6])
    torch.testing.assert_close(low, F.avg_pool2d(x[:, 6:], 2))
    pair = (high, low)
    assert SplitFrequencies(8, 0.25)(pair) is pair


@pytest.mark.parametrize("stride", [1, 2])
def test_four_paths_written_out(stride: int) -> None:
    conv = OctaveConv(8, 12, stride=stride, alpha_in=0.25, alpha_out=0.5)
    high, low = torch.randn(2, 6, 8, 12), torch.randn(2, 2, 4, 6)
    paths = {n: functools.partial(F.conv2d, weight=getattr(conv, n).weight, padding=1) for n in ("high_to_high", "high_to_low", "low_to_high", "low_to_low")}
    h, small = (F.avg_pool2d(high, 2), F.avg_pool2d(low, 2)) if stride == 2 else (high, low)
    up = paths["low_to_high"](low)
    expected_high = paths["high_to_high"](h) + (F.interpolate(up, scale_factor=2) if stride == 1 else up)
    expected_low = paths["low_to_low"](small) + paths["high_to_low"](F.avg_pool2d(h, 2))
    torch.testing.assert_close(conv((high, low)), (expected_high, expected_low))


@pytest.mark.parametrize(("alpha_in", "alpha_out", "parameters"), [(0.0, 0.5, 8 * 12 * 9), (0.25, 0.0, 8 * 12 * 9), (0.25, 0.5, 8 * 12 * 9)])
def test_the_paths_have_the_weights_of_one_convolution(alpha_in: float, alpha_out: float, parameters: int) -> None:
    conv = OctaveConv(8, 12, alpha_in=alpha_in, alpha_out=alpha_out)
    assert sum(p.numel() for p in conv.parameters()) == parameters
    out = conv(torch.randn(2, 8, 4, 6))
    assert isinstance(out, tuple) is (alpha_out > 0)


def test_sides_that_cannot_be_halved() -> None:
    with pytest.raises(KnobError, match="feature maps with even sides"):
        OctaveConv(8, 12)(torch.randn(2, 8, 5, 6))
