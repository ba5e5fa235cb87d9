"""Xception: separable against standard as closed forms and as exact conversions, the module's forms, and what is refused."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from blocks import catalog
from blocks.families.xception import SeparableConvolution, SpatiallySeparable, Xception, XceptionModule, as_standard, nearest_separable
from blocks.knobs import KnobError
from blocks.layers.composition import composed


def count(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def macs(net: nn.Module, *shape: int) -> int:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net.eval()(torch.zeros(shape))
    return counter.get_total_flops() // 2


@pytest.mark.parametrize("k", [3, 5])
def test_separable_against_standard(k: int) -> None:
    """k²·M + M·N weights, a share 1/N + 1/k² of k²·M·N; the same share of the multiply-accumulates."""
    m, n = 6, 10
    separable, standard = SeparableConvolution(m, n, kernel_size=k, norm=False), nn.Conv2d(m, n, k, padding=k // 2, bias=False)
    assert count(separable) == k * k * m + m * n
    assert count(separable) / count(standard) == pytest.approx(1 / n + 1 / k**2)
    assert macs(separable, 1, m, 7, 8) / macs(standard, 1, m, 7, 8) == pytest.approx(1 / n + 1 / k**2)


def test_spatially_separable_weights() -> None:
    assert count(SpatiallySeparable(1, 1, kernel_size=7)) == 2 * 7
    assert count(SpatiallySeparable(3, 5, c_mid=4, kernel_size=5)) == 5 * (3 * 4 + 4 * 5)
    assert [tuple(p.shape[2:]) for p in SpatiallySeparable(2, 3, kernel_size=5).parameters()] == [(5, 1), (1, 5)]


def test_sobel_is_spatially_separable() -> None:
    net = SpatiallySeparable(1, 1, kernel_size=3).double()
    column, row = net.parameters()
    column.data.copy_(torch.tensor([1.0, 2, 1]).view_as(column))
    row.data.copy_(torch.tensor([-1.0, 0, 1]).view_as(row))
    sobel = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]], dtype=torch.double)
    torch.testing.assert_close(composed(net.one[0], net.two[0]).weight[0, 0].detach(), sobel)
    x = torch.randn(1, 1, 6, 7, dtype=torch.double)
    torch.testing.assert_close(net(x), F.conv2d(x, sobel.view(1, 1, 3, 3), padding=1))


@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (1, 2)])
def test_separable_as_a_standard_convolution(stride: int, dilation: int) -> None:
    torch.manual_seed(0)
    separable = SeparableConvolution(4, 7, kernel_size=5, stride=stride, dilation=dilation, activation="relu").double().eval()
    nn.init.normal_(separable.pointwise.norm.running_mean)
    standard = as_standard(separable)
    x = torch.randn(2, 4, 11, 9, dtype=torch.double)
    assert (standard(x) - separable(x)).abs().max() < 1e-12
    assert standard[0].weight.shape == (7, 4, 5, 5)
    pattern = standard[0].weight.detach()[:, 2].flatten(1)
    assert torch.linalg.matrix_rank(pattern) == 1


def test_nearest_separable_undoes_as_standard() -> None:
    torch.manual_seed(0)
    separable = SeparableConvolution(4, 7, norm=False).double()
    back = nearest_separable(as_standard(separable)[0])
    x = torch.randn(2, 4, 8, 9, dtype=torch.double)
    assert (back(x) - separable(x)).abs().max() < 1e-12


def test_nearest_separable_is_nearest() -> None:
    """What is lost is the energy of all singular values but each channel's first; moving the weights loses more."""
    torch.manual_seed(0)
    conv = nn.Conv2d(3, 6, 3, padding=1, bias=False).double()
    separable = nearest_separable(conv)

    def lost() -> float:
        return (as_standard(separable)[0].weight - conv.weight).square().sum().item()

    rest = torch.linalg.svdvals(conv.weight.detach().transpose(0, 1).flatten(2))[:, 1:]
    least = lost()
    assert least == pytest.approx(rest.square().sum().item())
    for p in separable.parameters():
        p.data.add_(torch.randn_like(p), alpha=0.01)
        assert lost() > least


def test_conversions_refuse_what_has_no_equal() -> None:
    with pytest.raises(KnobError, match="nothing between"):
        as_standard(SeparableConvolution(4, 4, inner_activation="relu"))
    for conv in (
        nn.Conv2d(4, 4, 3, padding=1),
        nn.Conv2d(4, 4, 3, bias=False),
        nn.Conv2d(4, 4, 3, padding=1, groups=2, bias=False),
        nn.Conv2d(4, 4, 2, bias=False),
    ):
        with pytest.raises(KnobError, match="separable counterpart"):
            nearest_separable(conv)


@pytest.mark.parametrize("down", ["pool", "conv"])
@pytest.mark.parametrize("first_activation", [True, False])
def test_module_leaves_its_input_and_halves(down: str, first_activation: bool) -> None:
    module = XceptionModule(5, 8, stride=2, down=down, first_activation=first_activation)
    x = torch.randn(2, 5, 9, 12)
    before = x.clone()
    assert module(x).shape == (2, 8, 5, 6)
    assert torch.equal(x, before)
    assert count(module) == 9 * 5 + 5 * 8 + 2 * (9 * 8 + 8 * 8) + 3 * 16 + 5 * 8 + 16


def test_shortcut_is_the_identity_where_shapes_agree() -> None:
    module = XceptionModule(6, 6).eval()
    x = torch.randn(1, 6, 7, 7)
    torch.testing.assert_close(module(x) - module.body(x), x, atol=1e-5, rtol=1e-5)
    alone = XceptionModule(6, 6, residual=False).eval()
    alone.load_state_dict(module.state_dict())
    torch.testing.assert_close(alone(x), module.body(x))


def test_exit_module_widens_last() -> None:
    with torch.device("meta"):
        exit_module = catalog.build("xception").exit[0]
    widths = [m.knob_values["c_out"] for m in exit_module.body if isinstance(m, SeparableConvolution)]
    assert widths == [728, 1024]


def test_36_convolutional_layers() -> None:
    """Section 3: 36 convolutional layers form the feature extraction base (a separable one counts once, shortcuts do not)."""
    with torch.device("meta"):
        net = catalog.build("xception")
    separable = sum(isinstance(m, SeparableConvolution) for m in net.modules())
    assert separable + sum(isinstance(m, nn.Conv2d) for m in net.stem.modules()) == 36


def test_too_short_an_exit_is_refused_and_the_nearest_works() -> None:
    small = {"width_mult": 0.05, "middle": 1}
    with pytest.raises(KnobError) as caught:
        catalog.build("xception", exit_widths=(64,), **small)
    catalog.build("xception", exit_widths=caught.value.nearest[0], **small)


@pytest.mark.parametrize("aligned", [True, False])
def test_unusual_knobs_train(aligned: bool) -> None:
    net = Xception(
        entry_widths=(8, 16), middle=1, exit_widths=(24, 16, 12, 8), aligned=aligned, kernel_size=5, activation="silu", inner_activation="tanh",
        residual=False, se_ratio=4, dropout=0.1, num_classes=3, in_channels=2,
    )  # fmt: skip
    F.cross_entropy(net(torch.randn(2, 2, 48, 64)), torch.tensor([0, 2])).backward()
    assert all(p.grad is not None for p in net.parameters())
