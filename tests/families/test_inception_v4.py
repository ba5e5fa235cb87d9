"""Inception v4: its stem and modules at the paper's sizes, and its knobs."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from blocks import catalog
from blocks.families.inception_v4 import InceptionV4, InceptionV4Stem
from blocks.knobs import KnobError


def count(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def test_stem_counts() -> None:
    """Figure 3: 3x3 convolutions, 1x7 and 7x1, each with a norm's two numbers a channel."""
    convolutions = [
        (3, 32, 9),
        (32, 32, 9),
        (32, 64, 9),
        (64, 96, 9),
        (160, 64, 1),
        (64, 96, 9),
        (160, 64, 1),
        (64, 64, 7),
        (64, 64, 7),
        (64, 96, 9),
        (192, 192, 9),
    ]
    assert count(InceptionV4Stem()) == sum(a * b * k + 2 * b for a, b, k in convolutions)


# Grids and widths of figure 9 of the paper.
@pytest.mark.parametrize(
    ("name", "c_in", "side", "c_out", "side_out"),
    [
        ("inception_v4_stem", 3, 299, 384, 35),
        ("inception_v4_a", 384, 35, 384, 35),
        ("inception_v4_reduction_a", 384, 35, 1024, 17),
        ("inception_v4_b", 1024, 17, 1024, 17),
        ("inception_v4_reduction_b", 1024, 17, 1536, 8),
        ("inception_v4_c", 1536, 8, 1536, 8),
    ],
)
def test_blocks_have_the_papers_sizes(name: str, c_in: int, side: int, c_out: int, side_out: int) -> None:
    assert catalog.input_shape(name) == (1, c_in, side, side)
    with torch.device("meta"):
        y = catalog.build(name)(torch.empty(1, c_in, side, side))
    assert tuple(y.shape) == (1, c_out, side_out, side_out)


def test_stem_concatenates_pool_and_convolution() -> None:
    stem = InceptionV4Stem(3, width_mult=0.1).eval()
    x = torch.randn(1, 3, 75, 75)
    y = stem.convs(x)
    torch.testing.assert_close(stem.shrink(y)[:, :6], F.max_pool2d(y, 3, 2))
    assert stem(x).shape[1] == stem.c_out


def test_depths_move_only_their_stage() -> None:
    with torch.device("meta"):
        plain, deeper = catalog.build("inception_v4"), catalog.build("inception_v4", depths=(4, 8, 3))
        assert count(deeper) - count(plain) == count(catalog.build("inception_v4_b"))


def test_wrong_depths_are_refused_and_the_nearest_works() -> None:
    with pytest.raises(KnobError) as caught:
        InceptionV4(depths=(1, 2), width_mult=0.05)
    InceptionV4(depths=caught.value.nearest[0], width_mult=0.05)


def test_unusual_knobs_train() -> None:
    net = InceptionV4(
        depths=(1, 1, 1), width_mult=0.05, norm=False, pool="max", large_kernel=5, kernel_size=3, se_ratio=2, dropout=0.2, in_channels=1, num_classes=3
    )
    F.cross_entropy(net(torch.randn(2, 1, 96, 128)), torch.tensor([0, 2])).backward()
    assert all(p.grad is not None for p in net.parameters())
