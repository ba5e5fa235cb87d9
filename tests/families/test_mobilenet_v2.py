"""MobileNet v2: the block's cost, table 1's dimensions, linear ends, the shortcut, combinations and refusals."""

from __future__ import annotations

import pytest
import torch
from counting import macs, params, weights

from blocks import catalog
from blocks.families.mobilenet_v2 import InvertedResidual, MobileNetV2
from blocks.knobs import KnobError

# torchvision's weights (num_params) and the paper's table 4 for 1.4; timm's results for 0.5 (mobilenetv2_050).
PUBLISHED = {"mobilenet_v2": 3_504_872, "mobilenet_v2_x1_4": 6_108_776, "mobilenet_v2_x0_5": 1_968_680, "mobilenet_v2_x0_35": 1_677_128}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_parameters(name: str) -> None:
    with torch.device("meta"):
        assert params(catalog.build(name)) == PUBLISHED[name]


@pytest.mark.parametrize(("c_in", "c_out", "t", "k", "s"), [(24, 32, 6, 3, 1), (16, 16, 4, 5, 1), (20, 28, 3, 3, 2)])
def test_cost_of_section_3_3(c_in: int, c_out: int, t: int, k: int, s: int) -> None:
    """h·w·d'·t·(d' + k² + d'') at stride 1, the paper's expression; at stride 2 the last two terms see a quarter."""
    block = InvertedResidual(c_in, c_out, expansion=float(t), kernel_size=k, stride=s)
    assert weights(block) == c_in * t * (c_in + k * k + c_out)
    h, w = 12, 8
    assert macs(block, 1, c_in, h, w) == h * w * c_in * t * c_in + (h // s) * (w // s) * c_in * t * (k * k + c_out)


def test_expansion_one_leaves_out_the_first_convolution() -> None:
    assert weights(InvertedResidual(32, 16, expansion=1.0)) == 32 * 9 + 32 * 16


def test_ends_are_linear() -> None:
    """The output takes negative values without a shortcut: nothing clips the projection."""
    torch.manual_seed(0)
    assert InvertedResidual(8, 12)(torch.randn(2, 8, 6, 6)).min() < 0


@pytest.mark.parametrize(("c_out", "stride", "has"), [(16, 1, True), (16, 2, False), (24, 1, False)])
def test_shortcut_joins_equal_narrow_ends(c_out: int, stride: int, has: bool) -> None:
    block = InvertedResidual(16, c_out, stride=stride).eval()
    x = torch.randn(1, 16, 8, 8)
    with torch.no_grad():
        for p in block.body[-1].parameters():
            p.zero_()
        y = block(x)
    assert torch.equal(y, x) if has else not y.any()


@pytest.mark.parametrize(
    "knobs", [{"se_ratio": 16}, {"kernel_size": 7, "expansion": 2.5}, {"activation": "silu", "width_mult": 0.35}, {"expansion": 1.0, "se_ratio": 200}]
)
def test_combinations_train(knobs: dict) -> None:
    net = MobileNetV2(num_classes=5, in_channels=1, **knobs)
    net(torch.randn(2, 1, 64, 64)).square().mean().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in net.parameters())


@pytest.mark.parametrize(
    ("knobs", "argument"), [({"expansion": 0.0}, "expansion"), ({"kernel_size": 2}, "kernel_size"), ({"stride": 0}, "stride"), ({"se_ratio": -1}, "se_ratio")]
)
def test_refused(knobs: dict, argument: str) -> None:
    with pytest.raises(KnobError) as caught:
        InvertedResidual(24, 24, **knobs)
    assert caught.value.argument == argument
    assert caught.value.nearest
    for value in caught.value.nearest:
        InvertedResidual(24, 24, **{argument: value})


def test_expansion_that_leaves_no_channel() -> None:
    with pytest.raises(KnobError, match="at least one channel") as caught:
        InvertedResidual(4, 4, expansion=0.125)
    InvertedResidual(4, 4, expansion=caught.value.nearest[0])
