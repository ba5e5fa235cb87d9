"""Inception v2: the double 3x3 module and its reduction, the network at any size, and its knobs."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from blocks import catalog
from blocks.families.inception_v2 import ROWS, HalvingPool, InceptionDouble, InceptionDoubleReduction


def count(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


@pytest.mark.parametrize(("norm", "bias", "each"), [(True, False, 2), (True, True, 3), (False, False, 1), (False, True, 1)])
def test_double_module_counts(norm: bool, bias: bool, each: int) -> None:
    c, c_1, c_3r, c_3, c_dr, c_d, c_p, k = 13, 2, 3, 5, 7, 11, 17, 5
    net = InceptionDouble(c, c_1, c_3r, c_3, c_dr, c_d, c_p, kernel_size=k, norm=norm, bias=bias)
    weights = c * (c_1 + c_3r + c_dr + c_p) + k * k * c_3r * c_3 + 9 * (c_dr * c_d + c_d * c_d)
    assert count(net) == weights + each * (c_1 + c_3r + c_3 + c_dr + 2 * c_d + c_p)
    assert net(torch.zeros(2, c, 6, 8)).shape == (2, c_1 + c_3 + c_d + c_p, 6, 8)


def test_reduction_passes_its_input_on_pooled() -> None:
    net = InceptionDoubleReduction(13, 2, 3, 5, 7).eval()
    x = torch.randn(2, 13, 8, 6)
    y = net(x)
    assert y.shape == (2, 3 + 7 + 13, 4, 3)
    torch.testing.assert_close(y[:, -13:], F.max_pool2d(x, 3, 2, ceil_mode=True))
    assert count(net) == 13 * 2 + 9 * 2 * 3 + 13 * 5 + 9 * 5 * 7 + 9 * 7 * 7 + 2 * (2 + 3 + 5 + 7 + 7)


@pytest.mark.parametrize("size", [(8, 10), (9, 10), (8, 11), (7, 13)])
def test_halving_pool_rounds_up_and_keeps_each_window(size: tuple[int, int]) -> None:
    x = torch.randn(2, 3, *size)
    y = HalvingPool(3, 2, ceil_mode=True)(x)
    assert y.shape[-2:] == tuple((side + 1) // 2 for side in size)
    for i in range(y.shape[-2]):
        for j in range(y.shape[-1]):
            window = x[:, :, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3]
            torch.testing.assert_close(y[:, :, i, j], window.amax((-2, -1)))


def test_widths_of_the_modules() -> None:
    """Output sizes of figure 5 as the released network has them."""
    width, widths = 192, []
    for row in ROWS.values():
        width = row.c_1 + row.c_3 + row.c_d + (row.c_pool if row.c_1 else width)
        widths.append(width)
    assert widths == [256, 320, 576, 576, 576, 608, 608, 1056, 1024, 1024]


@pytest.mark.parametrize("side", [96, 100, 201])
def test_network_at_other_sizes(side: int) -> None:
    net = catalog.build("bninception", width_mult=0.1, num_classes=3).eval()
    assert net(torch.randn(1, 3, side, side + 31)).shape == (1, 3)


def test_unusual_knobs_train() -> None:
    net = catalog.build(
        "bninception", width_mult=0.1, norm=False, pool="max", last_pool="avg_inside", kernel_size=5, se_ratio=4, dropout=0.3, in_channels=1, num_classes=3
    )
    F.cross_entropy(net(torch.randn(2, 1, 64, 80)), torch.tensor([0, 2])).backward()
    assert all(p.grad is not None for p in net.parameters())
