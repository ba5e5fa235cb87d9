"""ShuffleNet v2: the split, the two strides, published sizes, the shuffle's need, refusals."""

from __future__ import annotations

import pytest
import torch
from counting import macs, params, weights

from blocks import catalog
from blocks.families.shufflenet_v2 import ShuffleNetV2, ShuffleUnitV2
from blocks.knobs import KnobError

# torchvision's weights: num_params, and the paper's table 8: million multiply-adds.
PUBLISHED = {
    "shufflenet_v2_x0_5": (1_366_792, 41),
    "shufflenet_v2_x1_0": (2_278_604, 146),
    "shufflenet_v2_x1_5": (3_503_624, 299),
    "shufflenet_v2_x2_0": (7_393_996, 591),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_sizes(name: str) -> None:
    count, million_macs = PUBLISHED[name]
    with torch.device("meta"):
        net = catalog.build(name)
    assert params(net) == count
    assert macs(net, 1, 3, 224, 224) / 1e6 == pytest.approx(million_macs, rel=0.02)


def test_unit_weights() -> None:
    c, k = 24, 5
    half = c // 2
    assert weights(ShuffleUnitV2(c, c, kernel_size=k)) == 2 * half * half + k * k * half
    c_in, c_out = 20, 56
    half = c_out // 2
    around, through = k * k * c_in + c_in * half, c_in * half + k * k * half + half * half
    assert weights(ShuffleUnitV2(c_in, c_out, kernel_size=k, stride=2)) == around + through


def test_half_of_the_input_passes_untouched() -> None:
    unit = ShuffleUnitV2(12, 12).eval()
    x = torch.randn(2, 12, 5, 5)
    y = unit(x)
    assert torch.equal(y[:, 0::2], x[:, :6])  # shuffled: the untouched half takes the even places


def test_without_shuffle_one_half_is_never_convolved() -> None:
    x = torch.randn(1, 12, 5, 5)
    unshuffled, shuffled = (torch.nn.Sequential(*(ShuffleUnitV2(12, 12, shuffle=s) for _ in range(4))).eval() for s in (False, True))
    assert torch.equal(unshuffled(x)[:, :6], x[:, :6])
    y = shuffled(x)
    assert not any(torch.equal(y[:, i], x[:, j]) for i in range(1, 12) for j in range(1, 12))


@pytest.mark.parametrize("knobs", [{"se_ratio": 2, "kernel_size": 5}, {"activation": "hardswish", "width_mult": 0.7}, {"depths": (1, 1), "shuffle": False}])
def test_combinations_train(knobs: dict) -> None:
    net = ShuffleNetV2(c_stage=24, c_head=64, num_classes=3, **knobs)
    net(torch.randn(2, 3, 64, 64)).square().mean().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in net.parameters())


@pytest.mark.parametrize("knobs", [{"c_in": 24, "c_out": 48}, {"c_in": 24, "c_out": 25, "stride": 2}, {"c_in": 24, "c_out": 1, "stride": 2}])
def test_refused(knobs: dict) -> None:
    with pytest.raises(KnobError) as caught:
        ShuffleUnitV2(**knobs)
    assert caught.value.argument == "c_out"
    assert caught.value.nearest
    for value in caught.value.nearest:
        ShuffleUnitV2(**{**knobs, "c_out": value})
