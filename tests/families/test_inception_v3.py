"""Inception v3: factorisation in numbers and as an exact conversion, module counts, the auxiliary head, and what is refused."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from blocks import catalog
from blocks.families.inception_v1 import ReducedConvolution, training_loss
from blocks.families.inception_v3 import AsymmetricConvolution, InceptionAsymmetric, InceptionExpanded, InceptionReductionA, InceptionReductionB
from blocks.knobs import KnobError
from blocks.layers.composition import composed


def count(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def conv(c_in: int, c_out: int, *args: object, **kwargs: object) -> nn.Conv2d:
    return nn.Conv2d(c_in, c_out, *args, **kwargs).double()  # type: ignore[arg-type]


@pytest.mark.parametrize("k", [3, 5, 7])
def test_asymmetric_weights_are_2_over_k_of_the_square(k: int) -> None:
    assert count(AsymmetricConvolution(11, 11, kernel_size=k)) * k == 2 * count(ReducedConvolution(11, 11, kernel_size=k))
    assert count(AsymmetricConvolution(5, 11, c_mid=7, kernel_size=k, norm=True)) == k * (5 * 7 + 7 * 11) + 2 * (7 + 11)


def test_asymmetric_33_percent_saving_of_the_paper() -> None:
    """Section 3.2: 3x1 after 1x3 is 33 % cheaper than a 3x3; two 2x2 would save 11 % only."""
    assert 1 - count(AsymmetricConvolution(8, 8, kernel_size=3)) / count(ReducedConvolution(8, 8, kernel_size=3)) == pytest.approx(1 / 3)


def test_first_window_chooses_the_order() -> None:
    shapes = {first: [tuple(p.shape[2:]) for p in AsymmetricConvolution(2, 3, kernel_size=5, first=first).parameters()] for first in ("1xk", "kx1")}
    assert shapes == {"1xk": [(1, 5), (5, 1)], "kx1": [(5, 1), (1, 5)]}


def test_two_3x3_compose_to_a_5x5() -> None:
    torch.manual_seed(0)
    first, second = conv(3, 4, 3), conv(4, 5, 3)
    one = composed(first, second)
    x = torch.randn(2, 3, 11, 9, dtype=torch.double)
    assert one.kernel_size == (5, 5)
    assert (one(x) - second(first(x))).abs().max() < 1e-12
    assert (first.weight.numel() // 12 + second.weight.numel() // 20) / (one.weight.numel() // 15) == 18 / 25


def test_padded_3x3_compose_exactly_away_from_the_border() -> None:
    torch.manual_seed(0)
    first, second = conv(3, 4, 3, padding=1, bias=False), conv(4, 5, 3, padding=1, bias=False)
    one = composed(first, second)
    x = torch.randn(1, 3, 11, 9, dtype=torch.double)
    difference = (one(x) - second(first(x))).abs()
    assert difference[..., 1:-1, 1:-1].max() < 1e-12
    assert difference.max() > 1e-3


def test_1xk_and_kx1_compose_to_kxk_border_included() -> None:
    torch.manual_seed(0)
    pair = AsymmetricConvolution(3, 5, c_mid=4, kernel_size=7, activation="identity").double()
    one = composed(pair.one.conv, pair.two.conv)
    x = torch.randn(2, 3, 9, 8, dtype=torch.double)
    assert one.kernel_size == (7, 7)
    assert one.padding == (3, 3)
    assert (one(x) - pair(x)).abs().max() < 1e-12


def test_grouped_first_composes() -> None:
    torch.manual_seed(0)
    first, second = conv(6, 4, 3, groups=2), conv(4, 5, 1)
    x = torch.randn(2, 6, 7, 8, dtype=torch.double)
    assert (composed(first, second)(x) - second(first(x))).abs().max() < 1e-12


def test_stride_and_dilation_pass_through_a_1x1() -> None:
    torch.manual_seed(0)
    first, second = conv(3, 4, 3, stride=2, padding=2, dilation=2), conv(4, 5, 1)
    x = torch.randn(2, 3, 9, 8, dtype=torch.double)
    assert (composed(first, second)(x) - second(first(x))).abs().max() < 1e-12


@pytest.mark.parametrize(
    ("first", "second", "argument"),
    [
        (nn.Conv2d(2, 2, 3, stride=2), nn.Conv2d(2, 2, 3), "first"),
        (nn.Conv2d(2, 2, 3), nn.Conv2d(2, 2, 3, dilation=2), "second"),
        (nn.Conv2d(2, 2, 3), nn.Conv2d(2, 2, 3, groups=2), "second"),
        (nn.Conv2d(2, 2, 3, padding="same"), nn.Conv2d(2, 2, 3), "padding"),
    ],
)
def test_what_cannot_be_composed_is_said(first: nn.Conv2d, second: nn.Conv2d, argument: str) -> None:
    with pytest.raises(KnobError, match="to be composed") as caught:
        composed(first, second)
    assert caught.value.argument == argument


@pytest.mark.parametrize(("norm", "each"), [(True, 2), (False, 1)])
@pytest.mark.parametrize("k", [3, 7])
def test_asymmetric_module_counts(k: int, norm: bool, each: int) -> None:
    c, c_1, nr, nm, n, dr, dm, d, p = 13, 2, 3, 5, 7, 11, 4, 6, 9
    net = InceptionAsymmetric(c, c_1, nr, nm, n, dr, dm, d, p, kernel_size=k, norm=norm)
    weights = c * (c_1 + nr + dr + p) + k * (nr * nm + nm * n) + k * (dr * dr + dr * dm + dm * dm + dm * d)
    assert count(net) == weights + each * (c_1 + nr + nm + n + 2 * dr + 2 * dm + d + p)
    assert net(torch.zeros(2, c, 7, 8)).shape == (2, c_1 + n + d + p, 7, 8)


@pytest.mark.parametrize("last", [0, 10])
def test_expanded_module_counts(last: int) -> None:
    c, c_1, r3, c_3, dr, dm, d, p = 13, 2, 3, 5, 7, 11, 4, 6
    net = InceptionExpanded(c, c_1, r3, c_3, dr, dm, d, p, c_d_last=last, norm=False)
    deep = 3 * (dr * dm + dm * last) + last if last else 9 * dr * dm
    weights = c * (c_1 + r3 + dr + p) + 2 * 3 * r3 * c_3 + deep + 2 * 3 * (last or dm) * d
    assert count(net) == weights + c_1 + r3 + 2 * c_3 + dr + dm + 2 * d + p
    assert net(torch.zeros(2, c, 5, 6)).shape == (2, c_1 + 2 * c_3 + 2 * d + p, 5, 6)


def test_reductions_pass_their_input_on_pooled() -> None:
    x = torch.randn(2, 13, 9, 11)
    a, b = InceptionReductionA(13, 2, 3, 5, 7), InceptionReductionB(13, 2, 3, 5, 7, 11, kernel_size=5)
    for net, width in ((a, 2 + 7), (b, 3 + 11)):
        y = net.eval()(x)
        assert y.shape == (2, width + 13, 4, 5)
        torch.testing.assert_close(y[:, -13:], F.max_pool2d(x, 3, 2))
    assert count(a) == 9 * 13 * 2 + 13 * 3 + 9 * 3 * 5 + 9 * 5 * 7 + 2 * (2 + 3 + 5 + 7)
    assert count(b) == 13 * 2 + 9 * 2 * 3 + 13 * 5 + 5 * (5 * 5 + 5 * 7) + 9 * 7 * 11 + 2 * (2 + 3 + 5 + 5 + 7 + 11)


def test_auxiliary_head_answers_in_train_mode_only() -> None:
    net = catalog.build("inception_v3", aux=True, num_classes=7, width_mult=0.1).train()
    outputs = net(torch.randn(2, 3, 299, 299))
    assert {name: tuple(y.shape) for name, y in outputs.items()} == {"out": (2, 7), "aux": (2, 7)}
    training_loss(outputs, torch.tensor([1, 5]), auxiliary_weight=0.4).backward()
    assert all(p.grad is not None for p in net.parameters())
    assert isinstance(net.eval()(torch.randn(1, 3, 299, 299)), torch.Tensor)


def test_parameters_with_the_auxiliary_head() -> None:
    """27,161,264: torchvision's documented count, which includes its auxiliary head."""
    with torch.device("meta"):
        assert count(catalog.build("inception_v3", aux=True)) == 27_161_264


def test_lists_say_how_many_modules() -> None:
    net = catalog.build("inception_v3", c_n=(64,), c_pool=(8, 16, 24, 32), expanded=3, width_mult=0.1)
    assert [len(net.grid_35), len(net.grid_17), len(net.grid_8)] == [4, 1, 3]


def test_unusual_knobs_train() -> None:
    net = catalog.build("inception_v3", width_mult=0.05, norm=False, pool="max", large_kernel=3, kernel_size=5, se_ratio=2, in_channels=1, num_classes=3)
    F.cross_entropy(net(torch.randn(2, 1, 96, 128)), torch.tensor([0, 2])).backward()
    assert all(p.grad is not None for p in net.parameters())
