"""MobileNet v3: the published sizes, h-swish, the last stage's saving, Lite R-ASPP's two maps, dilation, refusals."""

from __future__ import annotations

import pytest
import torch
from counting import macs, params, weights
from torch import nn
from torch.nn import functional as F

from blocks import catalog
from blocks.families.mobilenet_v3 import LastStage, LiteRASPP, LRASPPMobileNetV3, MobileNetV3, MobileNetV3Block
from blocks.knobs import KnobError
from blocks.layers.common import activation

# torchvision's weights (num_params).
PUBLISHED = {"mobilenet_v3_large": 5_483_032, "mobilenet_v3_small": 2_542_856, "lraspp_mobilenet_v3_large": 3_221_538}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_parameters(name: str) -> None:
    with torch.device("meta"):
        assert params(catalog.build(name)) == PUBLISHED[name]


def test_multiply_adds_of_the_paper() -> None:
    """Tables 3 and 4: 219 M for large and 56 M for small; the paper's own count differs by about one per cent."""
    with torch.device("meta"):
        assert macs(catalog.build("mobilenet_v3_large"), 1, 3, 224, 224) / 1e6 == pytest.approx(219, rel=0.015)
        assert macs(catalog.build("mobilenet_v3_small"), 1, 3, 224, 224) / 1e6 == pytest.approx(56, rel=0.015)


def test_hswish_is_x_relu6_of_x_plus_3_over_6() -> None:
    x = torch.linspace(-5, 5, 101, dtype=torch.float64)
    assert torch.allclose(activation("hardswish")(x.clone()), x * F.relu6(x + 3) / 6, atol=1e-15)


def test_gate_of_the_block_is_a_hard_sigmoid() -> None:
    block = MobileNetV3Block(16, 48, 16)
    gates = [m for m in block.modules() if isinstance(m, nn.Hardsigmoid)]
    assert len(gates) == 1
    z = torch.linspace(-4, 4, 33)
    assert torch.allclose(gates[0](z), F.relu6(z + 3) / 6)


def test_block_weights() -> None:
    c_in, c_mid, c_out, k, r = 24, 72, 40, 5, 4
    squeeze = 24  # 72 / 4 = 18 to the nearest multiple of 8 that is at least 90 % of it
    assert weights(MobileNetV3Block(c_in, c_mid, c_out, kernel_size=k, se_ratio=r)) == c_mid * (c_in + k * k + c_out) + 2 * c_mid * squeeze


def test_last_stage_saves_what_figure_5_draws() -> None:
    """The efficient end pools before the widest layer: its 960 x 1280 products happen once, not on 49 positions."""
    efficient, original = LastStage(160, 960, 1280), LastStage(160, 960, 1280, design="original")
    assert macs(efficient, 1, 160, 7, 7) == 49 * 160 * 960 + 960 * 1280 + 1280 * 1000
    assert macs(original, 1, 160, 7, 7) == 49 * (160 * 960 + 9 * 960 + 960 * 320 + 320 * 1280) + 1280 * 1000


def test_last_stage_design_is_a_knob_of_the_network() -> None:
    with torch.device("meta"):
        cheap, dear = MobileNetV3(), MobileNetV3(last_stage="original")
    # Section 5.1: about 30 million multiply-adds less.
    assert (macs(dear, 1, 3, 224, 224) - macs(cheap, 1, 3, 224, 224)) / 1e6 == pytest.approx(30, abs=6)


@pytest.mark.parametrize("size", ["large", "small"])
def test_dilated_keeps_a_sixteenth(size: str) -> None:
    x = torch.randn(1, 3, 96, 96)
    for dilated, side in ((False, 3), (True, 6)):
        net = MobileNetV3(size=size, dilated=dilated, width_mult=0.25).eval()
        assert net.blocks(net.stem(x)).shape[-1] == side


@pytest.mark.parametrize("size", ["large", "small"])
def test_segmentation_reads_an_eighth_and_answers_at_full_size(size: str) -> None:
    net = LRASPPMobileNetV3(size=size, width_mult=0.25, num_classes=7).eval()
    x = torch.randn(2, 3, 64, 96)
    assert net.fine(x).shape[-2:] == (8, 12)
    assert net.deep(net.fine(x)).shape[-2:] == (4, 6)
    assert net(x).shape == (2, 7, 64, 96)


def test_lite_raspp_weights() -> None:
    c, mid, k = 40, 24, 5
    assert weights(LiteRASPP(c, c_mid=mid, num_classes=k)) == c * mid + c * mid + c * k + mid * k


@pytest.mark.parametrize(
    "knobs",
    [
        {"size": "small", "se_ratio": 0},
        {"kernel_size": 5, "large_kernel": 7},
        {"activation": "silu", "se_ratio": 16},
        {"last_stage": "original", "dilated": True},
    ],
)
def test_combinations_train(knobs: dict) -> None:
    net = MobileNetV3(width_mult=0.35, num_classes=4, in_channels=2, **knobs)
    net(torch.randn(2, 2, 64, 64)).square().mean().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in net.parameters())


@pytest.mark.parametrize(("knobs", "argument"), [({"size": "lrge"}, "size"), ({"large_kernel": 6}, "large_kernel"), ({"width_mult": 99.0}, "width_mult")])
def test_refused(knobs: dict, argument: str) -> None:
    with pytest.raises(KnobError) as caught:
        MobileNetV3(**knobs)
    assert caught.value.argument == argument
    with torch.device("meta"):
        for value in caught.value.nearest:
            MobileNetV3(**{argument: value})
