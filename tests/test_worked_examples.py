"""The papers' own numbers and equations, family by family, from the blocks that run: numbers counted by torch, equations by symbols."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy
import torch
from counting import macs, params, weights
from torch import nn

from blocks import analyse, catalog
from blocks.families.efficientnet import compound_scaling, growth


def bare(name: str, **knobs: Any) -> nn.Module:
    with torch.device("meta"):
        return catalog.build(name, **knobs)


def total(name: str) -> tuple[float, float]:
    """(parameters, MACs) in millions, by torch."""
    net = bare(name)
    return params(net) / 1e6, macs(net, *catalog.input_shape(name)) / 1e6


# --- Numbers ---------------------------------------------------------------------------------------


def test_inception_5x5_through_32_channels() -> None:
    reduced = weights(bare("reduced_convolution", c_in=128, c_reduce=32, c_out=256, kernel_size=5))
    direct = weights(nn.Conv2d(128, 256, 5))
    assert (direct, reduced) == (819_200, 208_896)
    assert round(direct / reduced, 2) == 3.92


@pytest.mark.parametrize(("small", "large", "share"), [((3, 3), 5, Fraction(18, 25)), ((3, 3, 3), 7, Fraction(27, 49))])
def test_stacked_3x3_against_one_large(small: tuple[int, ...], large: int, share: Fraction) -> None:
    stacked = bare("vgg_stage", c_in=40, c_out=40, repeats=len(small))
    assert Fraction(weights(stacked), weights(bare("vgg_stage", c_in=40, c_out=40, repeats=1, kernel_size=large))) == share
    assert round(float(Fraction(27, 49)), 2) == 0.55


def test_bottleneck_basic_block_and_32_paths() -> None:
    convolutions = {
        name: sum(m.weight.numel() for m in bare(name, **knobs).modules() if isinstance(m, nn.Conv2d))
        for name, knobs in {
            "bottleneck": {"c_in": 256, "c_mid": 64, "c_out": 256},
            "basic_block": {"c_in": 64, "c_mid": 64, "c_out": 64},
            "resnext_paths": {},
            "resnext_concatenated": {},
            "resnext_grouped": {},
        }.items()
    }
    assert convolutions == {
        "bottleneck": 69_632,
        "basic_block": 73_728,
        "resnext_paths": 70_144,
        "resnext_concatenated": 70_144,
        "resnext_grouped": 70_144,
    }


def test_se_resnet_50_has_2_53_million_more_and_under_one_percent_more_macs() -> None:
    (plain, plain_macs), (gated, gated_macs) = total("resnet50"), total("seresnet50")
    assert (round(plain, 2), round(gated - plain, 2)) == (25.56, 2.53)
    assert 0 < gated_macs / plain_macs - 1 < 0.01


def test_grouped_3x3_of_256_channels() -> None:
    c = 256
    grouped = [bare("basic_block", c_in=c, c_mid=c, c_out=c, layout="k", groups=g, norm="none", shortcut="none") for g in (1, 8)]
    assert [weights(net) for net in grouped] == [589_824, 73_728]


def test_mobilenet_with_standard_and_with_separable_convolutions() -> None:
    assert [round(v, 2) for v in total("mobilenet_v1_standard")] == [29.28, pytest.approx(4867, abs=0.5)]
    assert [round(v, 2) for v in total("mobilenet_v1")] == [4.23, pytest.approx(569, abs=0.5)]


def test_octave_at_one_half() -> None:
    octave = macs(bare("octave_conv", c_in=64, c_out=32, alpha_in=0.5, alpha_out=0.5), 1, 64, 16, 24)
    assert octave / macs(nn.Conv2d(64, 32, 3, padding=1), 1, 64, 16, 24) == 0.4375


def test_compound_rule() -> None:
    assert round(growth(1.2, 1.1, 1.15), 2) == 1.92
    seventh = compound_scaling(7)
    assert seventh.depth == pytest.approx(1.2**7)
    assert seventh.width == pytest.approx(1.1**7)
    assert seventh.resolution == round(224 * 1.15**7)


def test_vit_b_16_at_224() -> None:
    parameters, arithmetic = total("vit_b_16")
    assert (round(parameters, 2), round(arithmetic / 1e3, 2)) == (86.57, 17.56)
    assert round(arithmetic * 1e6) == 12 * (12 * 768**2 * 197 + 2 * 197**2 * 768) + 196 * 768**2 + 768 * 1000


# --- Equations -------------------------------------------------------------------------------------


def symbols(*names: str) -> list[sympy.Symbol]:
    return [sympy.Symbol(n, positive=True, integer=True) for n in names]


def written(name: str, of: str, **knobs: Any) -> sympy.Expr:
    """The formula with its named intermediates put back, every symbol by its letter alone."""
    formula = analyse(name, symbolic=True, **knobs).formula(of)
    expr = formula.expr
    while True:
        put_back = expr.subs(formula.where)
        if put_back == expr:
            break
        expr = put_back
    return expr.subs({s: sympy.Symbol(s.name, positive=True) for s in expr.free_symbols})


def letters(text: str) -> list[sympy.Symbol]:
    return [sympy.Symbol(n, positive=True) for n in text.split()]


def same(a: sympy.Expr, b: sympy.Expr) -> bool:
    return sympy.simplify(a - b) == 0


def test_squeeze_and_excitation_costs_2_c_squared_over_r() -> None:
    c, r = letters("C_in r")
    assert same(written("squeeze_excitation", "params", bias=False), 2 * c**2 / r)


def test_separable_against_standard() -> None:
    b, h, w, m, n, k, s = letters("B H W M N D_K s")
    separable = written("depthwise_separable", "macs")
    assert same(separable, b * h * w / s**2 * (k**2 * m + m * n))
    standard = written("standard_convolution", "macs")
    assert same(standard, b * h * w / s**2 * k**2 * m * n)
    assert same(separable / standard, 1 / n + 1 / k**2)


def test_octave_saves_three_quarters_of_alpha_times_2_minus_alpha() -> None:
    b, h, w, c_in, c_out, k, g, alpha = letters("B H W C_in C_out k g alpha")
    both = dict.fromkeys(letters("alpha_in alpha_out"), alpha)
    ordinary = c_in * c_out * k**2 / g
    assert same(written("octave_conv", "macs").subs(both), b * h * w * ordinary * (1 - sympy.Rational(3, 4) * alpha * (2 - alpha)))
    assert same(written("octave_conv", "params").subs(both), ordinary)


def test_vit_block_costs_12_d_squared_n_plus_2_n_squared_d() -> None:
    b, n, d, m = letters("B N D m")
    assert same(written("encoder_block", "macs").subs(m, 4), b * (12 * d**2 * n + 2 * n**2 * d))


@pytest.mark.parametrize("form", ["resnext_paths", "resnext_concatenated", "resnext_grouped"])
def test_resnext_block_costs_c_times_256d_9dd_256d(form: str) -> None:
    """The cardinality is a symbol in form (c) alone: it is the number of modules in the others."""
    b, h, w, c_in, c_out, k, d, g = letters("B H W C_in C_out k d g")
    at_32 = {c_in: 256, c_out: 256, k: 3, g: 32}
    assert same(written(form, "macs").subs(at_32), b * h * w * 32 * (256 * d + 9 * d**2 + 256 * d))
    if form == "resnext_grouped":
        assert same(written(form, "macs"), b * h * w * g * (c_in * d + k**2 * d**2 + c_out * d))


def test_bottleneck_and_inverted_residual() -> None:
    b, h, w, c_in, c_mid, c_out, k, g, t = letters("B H W C_in C_mid C_out k g t")
    assert same(written("bottleneck", "macs"), b * h * w * (c_in * c_mid + k**2 * c_mid**2 / g + c_mid * c_out))
    assert same(written("inverted_residual", "macs").subs(c_mid, t * c_in), b * h * w * t * c_in * (c_in + k**2 + c_out))


def test_shift_costs_its_pointwise_convolutions_alone() -> None:
    b, h, w, c_in, c_out, e = letters("B H W C_in C_out epsilon")
    assert same(written("shift_module", "macs"), b * h * w * e * c_out * (c_in + c_out))


def test_two_branches_cost_twice_one() -> None:
    assert same(written("shake_block", "macs"), 2 * written("basic_block", "macs"))
