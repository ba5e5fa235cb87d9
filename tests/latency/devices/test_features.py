"""What a network asks of a device, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from torch import nn

from blocks import analyse
from blocks.latency.devices.features import KINDS, NOMINAL_BYTES, NOMINAL_FLOPS, fused, fused_work, network_work

PLACE = {name: i for i, name in enumerate(KINDS)}


@pytest.mark.parametrize(
    ("conv", "kind"),
    [
        (nn.Conv2d(64, 96, 3, padding=1, bias=False), "winograd"),
        (nn.Conv2d(64, 96, 3, 2, padding=1, bias=False), "dense"),
        (nn.Conv2d(64, 96, 5, padding=2, bias=False), "dense"),
        (nn.Conv2d(64, 96, 1, bias=False), "pointwise"),
        (nn.Conv2d(64, 64, 3, padding=1, groups=64, bias=False), "depthwise"),
        (nn.Conv2d(64, 96, 3, padding=1, groups=2, bias=False), "grouped"),
    ],
)
def test_a_convolution_is_of_its_kind_at_its_roof(conv: nn.Conv2d, kind: str) -> None:
    analysis = analyse(conv, (1, 64, 28, 28))
    out = 28 // conv.stride[0]
    flops = 2 * out * out * conv.weight.numel()
    moved = 4 * (64 * 28 * 28 + conv.out_channels * out * out + conv.weight.numel())
    work = fused_work(analysis)
    assert work[PLACE[kind]] == pytest.approx(1e3 * max(flops / NOMINAL_FLOPS, moved / NOMINAL_BYTES))
    assert work[PLACE["launches"]] == 1
    assert np.count_nonzero(work) == 2


def test_norm_and_activation_behind_a_convolution_are_fused() -> None:
    plain = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1, bias=False))
    whole = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU())
    assert np.array_equal(fused_work(analyse(whole, (1, 3, 16, 16))), fused_work(analyse(plain, (1, 3, 16, 16))))
    assert len(fused(analyse(whole, (1, 3, 16, 16)).graph)) == 2


def test_an_activation_by_itself_is_not_fused() -> None:
    assert fused_work(analyse(nn.ReLU(), (1, 3, 16, 16)))[PLACE["elementwise"]] > 0


def test_more_of_a_network_is_more_work() -> None:
    small, large = network_work("mobilenet_v2", None, {"width_mult": 0.5}), network_work("mobilenet_v2")
    assert (large >= small).all()
    assert large.sum() > small.sum()


def test_a_picture_of_a_batch_asks_for_as_much_as_one() -> None:
    conv = nn.Conv2d(64, 96, 3, padding=1, bias=False)
    one, eight = (fused_work(analyse(conv, (batch, 64, 56, 56))) for batch in (1, 8))
    assert eight[0] == pytest.approx(one[0])  # bound by arithmetic
    assert network_work("vit_b_32", 384).sum() > 2 * network_work("vit_b_32", 224).sum()
