"""ShiftNet: shifting as a depthwise convolution of one-hot kernels, its absent cost, the module's cost, published sizes, refusals."""

from __future__ import annotations

import pytest
import torch
from counting import macs, params, weights
from torch.nn import functional as F

from blocks import catalog
from blocks.families.shiftnet import Shift, ShiftModule, ShiftNet, offsets
from blocks.knobs import KnobError


@pytest.mark.parametrize(("c", "k", "d"), [(18, 3, 1), (31, 3, 1), (25, 5, 1), (20, 3, 2), (5, 3, 1)])
def test_shift_is_a_depthwise_convolution_with_a_single_one(c: int, k: int, d: int) -> None:
    """Equation 2 of the paper, against torch's own convolution; left-over channels stay at the centre."""
    x = torch.randn(2, c, 7, 9, dtype=torch.float64)
    kernel = torch.zeros(c, 1, k, k, dtype=torch.float64)
    share = c // k**2
    for channel in range(c):
        dy, dx = offsets(k)[min(channel // share, k * k - 1)] if share else (0, 0)
        kernel[channel, 0, k // 2 + dy, k // 2 + dx] = 1
    assert torch.equal(Shift(kernel_size=k, dilation=d)(x), F.conv2d(x, kernel, padding=d * (k // 2), dilation=d, groups=c))


def test_offsets_are_the_window_with_the_centre_last() -> None:
    assert len(set(offsets(5))) == 25
    assert offsets(3)[-1] == (0, 0)


def test_shift_has_no_parameters_and_no_arithmetic() -> None:
    shift = Shift(kernel_size=5)
    assert params(shift) == 0
    assert macs(shift, 1, 50, 8, 8) == 0


def test_shift_moves_gradients_back() -> None:
    x = torch.randn(1, 9, 6, 6, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(Shift(), (x,))


@pytest.mark.parametrize(("c", "epsilon", "k"), [(24, 3, 3), (40, 2, 5)])
def test_module_weights_do_not_depend_on_the_window(c: int, epsilon: int, k: int) -> None:
    module = ShiftModule(c, c, expansion=float(epsilon), kernel_size=k)
    assert weights(module) == 2 * epsilon * c * c
    assert macs(module, 1, c, 6, 7) == 2 * epsilon * c * c * 42


def test_stride_2_concatenates_the_pooled_input() -> None:
    x = torch.randn(2, 16, 8, 8)
    y = ShiftModule(16, 40, stride=2).eval()(x)
    assert y.shape == (2, 40, 4, 4)
    assert torch.equal(y[:, :16], F.avg_pool2d(x, 3, 2, 1))


def test_two_shifts_see_further_than_one() -> None:
    def field(shifts: int) -> int:
        module = ShiftModule(18, 18, shifts=shifts).double().eval()
        for m in module.modules():
            if isinstance(m, torch.nn.ReLU):
                m.forward = lambda x: x  # type: ignore[method-assign]  # linear, so that no path is hidden
        x = torch.rand(1, 18, 11, 11, dtype=torch.float64, requires_grad=True)
        module.body(x)[0, :, 5, 5].sum().backward()
        return int((x.grad[0].abs().sum(0) > 0).any(0).sum())

    assert (field(1), field(2)) == (3, 5)


# Table 5 of the paper: 4.1 M and 1.1 M parameters (rounded down there), 1.4 G and 371 M multiply-adds.
def test_published_sizes() -> None:
    with torch.device("meta"):
        a, b = catalog.build("shiftnet_a"), catalog.build("shiftnet_b")
    assert int(params(a) / 1e5) / 10 == 4.1
    assert int(params(b) / 1e5) / 10 == 1.1
    assert round(macs(a, 1, 3, 224, 224) / 1e9, 1) == 1.4
    assert round(macs(b, 1, 3, 224, 224) / 1e6) == 371


def test_combinations_train() -> None:
    net = ShiftNet(
        width_mult=0.5, widths=(32, 48), depths=(2, 1), kernels=(3, 7), entry_expansions=(2, 1), expansions=(1, 1), c_stem=16, activation="silu", num_classes=3
    )
    net(torch.randn(2, 3, 32, 32)).square().mean().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in net.parameters())


REFUSED = [
    ({"kernels": (5, 4, 3, 3)}, "kernels"),
    ({"depths": (1,)}, "depths"),
    ({"widths": (64, 64, 256, 512)}, "widths"),
    ({"widths": (16, 128, 256, 512)}, "widths"),
    ({"width_mult": 0.1}, "width_mult"),
]


@pytest.mark.parametrize(("knobs", "argument"), REFUSED)
def test_refused(knobs: dict, argument: str) -> None:
    with pytest.raises(KnobError) as caught:
        ShiftNet(**knobs)
    assert caught.value.argument == argument
    assert caught.value.nearest
    with torch.device("meta"):
        for value in caught.value.nearest:
            ShiftNet(**{argument: value})


def test_module_s_channels() -> None:
    for knobs in ({"c_in": 16, "c_out": 24}, {"c_in": 16, "c_out": 16, "stride": 2}):
        with pytest.raises(KnobError, match="c_out") as caught:
            ShiftModule(**knobs)
        ShiftModule(**{**knobs, "c_out": caught.value.nearest[0]})
