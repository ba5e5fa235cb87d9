"""MobileNet v1: the two costs of section 3.1, the twin of table 4, the multipliers, what is refused, and the gradient."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
import torch
from counting import macs, params, weights
from torch import nn
from torch.nn import functional as F

from blocks import analyse, catalog
from blocks.families.mobilenet_v1 import DepthwiseSeparable, MobileNetV1, StandardConvolution
from blocks.knobs import KnobError

CASES = [(24, 40, 3, 14, 12), (7, 11, 5, 9, 13)]


@pytest.mark.parametrize(("m", "n", "k", "h", "w"), CASES)
def test_costs_of_section_3_1(m: int, n: int, k: int, h: int, w: int) -> None:
    separable = DepthwiseSeparable(m, n, kernel_size=k, norm=False)
    standard = StandardConvolution(m, n, kernel_size=k, norm=False)
    assert params(separable) == k * k * m + m * n
    assert params(standard) == k * k * m * n
    assert Fraction(params(separable), params(standard)) == Fraction(1, n) + Fraction(1, k * k)
    assert macs(separable, 1, m, h, w) == (k * k * m + m * n) * h * w
    assert macs(standard, 1, m, h, w) == k * k * m * n * h * w


def test_published_mobilenet_and_its_standard_twin() -> None:
    with torch.device("meta"):
        separable, standard = catalog.build("mobilenet_v1"), catalog.build("mobilenet_v1_standard")
    assert round(macs(separable, 1, 3, 224, 224) / 1e6) == 569
    assert round(macs(standard, 1, 3, 224, 224) / 1e6) == 4867
    assert round(params(separable) / 1e6, 2) == 4.23
    assert round(params(standard) / 1e6, 2) == 29.28


# Tables 4 to 7 of the paper: million mult-adds and million parameters, to its rounding (mult-adds of the last layers included).
TABLES = [({}, 224, 569, 4.2), ({"width_mult": 0.75}, 224, 325, 2.6), ({"width_mult": 0.5}, 224, 149, 1.3),
          ({"width_mult": 0.25}, 224, 41, 0.5), ({"middle": 0}, 224, 307, 2.9),
          ({}, 192, 418, 4.2), ({}, 160, 290, 4.2), ({}, 128, 186, 4.2)]  # fmt: skip


@pytest.mark.parametrize(("knobs", "side", "million_macs", "million_params"), TABLES)
def test_tables_of_the_paper(knobs: dict, side: int, million_macs: int, million_params: float) -> None:
    with torch.device("meta"):
        net = MobileNetV1(**knobs)
    assert macs(net, 1, 3, side, side) / 1e6 == pytest.approx(million_macs, abs=1)
    assert params(net) / 1e6 == pytest.approx(million_params, abs=0.05)


def test_separable_is_a_standard_convolution_of_rank_one_kernels() -> None:
    """The kernel of the equal standard convolution is the product of the two (exact without norm and activation)."""
    torch.manual_seed(0)
    net = DepthwiseSeparable(5, 7, kernel_size=3, norm=False, activation="identity").double()
    x = torch.randn(2, 5, 8, 9, dtype=torch.float64)
    kernel = net.pointwise.conv.weight * net.depthwise.conv.weight.transpose(0, 1)  # (N, M, D_K, D_K)
    assert torch.allclose(net(x), F.conv2d(x, kernel, padding=1), atol=1e-12)


def test_a_depthwise_kernel_sees_its_own_channel_only() -> None:
    net = DepthwiseSeparable(4, 6, norm=False, activation="identity").double()
    x = torch.randn(1, 4, 5, 5, dtype=torch.float64, requires_grad=True)
    net.depthwise(x)[0, 2].sum().backward()
    assert x.grad is not None
    assert [bool(g.abs().sum() > 0) for g in x.grad[0]] == [False, False, True, False]


@pytest.mark.parametrize(
    "knobs",
    [{"se_ratio": 4}, {"kernel_size": 5, "convolution": "standard"}, {"norm": False, "activation": "hardswish"}, {"se_ratio": 8, "convolution": "standard"}],
)
def test_combinations_train(knobs: dict) -> None:
    net = MobileNetV1(width_mult=0.25, num_classes=6, in_channels=2, dropout=0.1, **knobs)
    net(torch.randn(2, 2, 64, 64)).square().mean().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in net.parameters())


def test_se_adds_its_two_matrices() -> None:
    plain, gated = DepthwiseSeparable(32, 48), DepthwiseSeparable(32, 48, se_ratio=8)
    assert weights(gated) - weights(plain) == 2 * 32 * 32 // 8


def test_middle_zero_is_the_shallow_network() -> None:
    deep, shallow = MobileNetV1(), MobileNetV1(middle=0)
    count = lambda net: sum(isinstance(m, DepthwiseSeparable) for m in net.modules())  # noqa: E731
    assert (count(deep), count(shallow)) == (13, 8)
    assert isinstance(shallow.classifier, nn.Linear)


@pytest.mark.parametrize(
    ("knobs", "argument"),
    [
        ({"width_mult": 0.0}, "width_mult"),
        ({"kernel_size": 4}, "kernel_size"),
        ({"convolution": "separabel"}, "convolution"),
        ({"groups": 2}, "groups"),
        ({"norm": "none"}, "norm"),
    ],
)
def test_refused(knobs: dict, argument: str) -> None:
    with pytest.raises(KnobError) as caught:
        MobileNetV1(**knobs)
    assert caught.value.argument == argument
    for value in caught.value.nearest:
        if argument != "groups":
            assert isinstance(MobileNetV1(**{**knobs, argument: value}), MobileNetV1)


def test_the_paper_s_formulas_come_out_of_the_block() -> None:
    d, m, n = sympy.symbols("D_K M N")
    letters = {"D_K": d, "M": m, "N": n}  # N is a function of SymPy's otherwise
    separable, standard = (
        sympy.sympify(str(analyse(name, norm=False, symbolic=True).formula("params").expr), locals=letters)
        for name in ("depthwise_separable", "standard_convolution")
    )
    assert sympy.expand(separable - (d**2 * m + m * n)) == 0
    assert sympy.simplify(separable / standard - (1 / n + 1 / d**2)) == 0
