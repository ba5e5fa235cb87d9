"""Wide ResNet: how parameters grow, where dropout sits, which depths exist."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from blocks import catalog
from blocks.families.wide_resnet import blocks_per_stage
from blocks.knobs import KnobError

#: xternalz' README and the paper's table 5 give 11.0 M, 36.5 M and 8.9 M; torchvision publishes the other two exactly.
PUBLISHED_MILLIONS = {"wrn_16_8": 11.0, "wrn_28_10": 36.5, "wrn_40_4": 8.9}
PUBLISHED = {"wide_resnet50_2": 68_883_240, "wide_resnet101_2": 126_886_696}


def parameters(name: str, **knobs: object) -> int:
    with torch.device("meta"):
        return sum(p.numel() for p in catalog.build(name, **knobs).parameters())


def test_published_parameters() -> None:
    assert {name: parameters(name) for name in PUBLISHED} == PUBLISHED
    assert {name: round(parameters(name) / 1e6, 1) for name in PUBLISHED_MILLIONS} == PUBLISHED_MILLIONS


def closed_form(depth: int, w: int) -> int:
    """Weights and norms of WRN-depth-w with B(3,3) for 10 classes, by hand."""
    n, total, c_in = (depth - 4) // 6, 3 * 16 * 9, 16
    for c in (16 * w, 32 * w, 64 * w):
        total += (2 * c_in + 9 * c_in * c + 2 * c + 9 * c * c + (c_in * c if c_in != c else 0)) + (n - 1) * (4 * c + 18 * c * c)
        c_in = c
    return total + 2 * c_in + 10 * c_in + 10


@pytest.mark.parametrize(("depth", "w"), [(16, 8), (22, 2), (28, 10), (40, 4), (10, 1)])
def test_parameters_by_hand(depth: int, w: int) -> None:
    assert parameters("wrn_28_10", depth=depth, widen_factor=float(w)) == closed_form(depth, w)


def test_parameters_grow_with_the_square_of_the_widen_factor() -> None:
    assert 3.8 < parameters("wrn_40_4", widen_factor=8.0) / parameters("wrn_40_4", widen_factor=4.0) < 4.0


@pytest.mark.parametrize(("layout", "n"), [("k,k", 6), ("k,1,k", 4), ("k,1", 6), ("k,1,1", 4), ("1,k,1", 4), ("k,k,k,k", 3), ("k", 12)])
def test_the_papers_forty_layers(layout: str, n: int) -> None:
    assert blocks_per_stage(40, layout) == n


def test_a_depth_that_does_not_come_out_whole() -> None:
    with pytest.raises(KnobError) as error:
        parameters("wrn_28_10", depth=30)
    assert error.value.nearest == (28, 34)
    for depth in error.value.nearest:
        parameters("wrn_28_10", depth=depth)


def test_dropout_sits_between_the_convolutions_and_acts_only_in_training() -> None:
    block = catalog.build("wide_block", c_in=8, c_mid=8, c_out=8, dropout=0.5)
    kinds = [type(m) for m in block.body.modules() if isinstance(m, (nn.Conv2d, nn.Dropout))]
    assert kinds == [nn.Conv2d, nn.Dropout, nn.Conv2d]
    x = torch.randn(2, 8, 6, 6)
    assert not torch.equal(block.train()(x), block(x))
    assert torch.equal(block.eval()(x), block(x))


def test_wide_network_with_gate_octave_and_ibn_trains() -> None:
    net = catalog.build("wrn_16_8", depth=10, widen_factor=1.0, se_ratio=4, norm="ibn_a", octave_alpha=0.5, dropout=0.2).train()
    net(torch.randn(2, 3, 32, 32)).square().mean().backward()
    assert all(p.grad is not None for p in net.parameters())
