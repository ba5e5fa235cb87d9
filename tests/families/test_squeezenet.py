"""SqueezeNet: the paper's table, its metaparameters, its bypasses, and what is refused."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from blocks import catalog
from blocks.families.squeezenet import Bypass, Fire, SqueezeNet
from blocks.knobs import KnobError


def count(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


# torchvision's documentation of its weights; table 1 of the paper has 1,248,424 as its total.
@pytest.mark.parametrize(("name", "parameters"), [("squeezenet1_0", 1_248_424), ("squeezenet1_1", 1_235_496)])
def test_published_parameters(name: str, parameters: int) -> None:
    assert count(catalog.build(name)) == parameters


def test_fire_counts() -> None:
    c, s, e_1, e_3, k = 13, 2, 5, 7, 5
    fire = Fire(c, s, e_1, e_3, kernel_size=k)
    assert count(fire) == c * s + s * e_1 + k * k * s * e_3 + s + e_1 + e_3
    assert fire(torch.zeros(2, c, 6, 8)).shape == (2, e_1 + e_3, 6, 8)


def test_table_1() -> None:
    """Squeeze, 1x1 and 3x3 channels of fire2 to fire9."""
    fires = [m.knob_values for m in catalog.build("squeezenet1_0").modules() if isinstance(m, Fire)]
    rows = [(16, 64, 64)] * 2 + [(32, 128, 128)] * 2 + [(48, 192, 192)] * 2 + [(64, 256, 256)] * 2
    assert [(f["c_squeeze"], f["c_1"], f["c_3"]) for f in fires] == rows


def test_feature_maps_of_table_1() -> None:
    net = catalog.build("squeezenet1_0", width_mult=0.125, num_classes=4).eval()
    x, sides = torch.zeros(1, 3, 224, 224), []
    for layer in net.features:
        x = layer(x)
        if isinstance(layer, nn.MaxPool2d):
            sides.append(x.shape[-1])
    assert sides == [54, 27, 13]


def test_fifty_times_smaller_than_alexnet() -> None:
    with torch.device("meta"):
        ratio = count(catalog.build("alexnet")) / count(catalog.build("squeezenet1_0"))
    assert 48 < ratio < 50


def test_metaparameters_move_what_they_say() -> None:
    net = SqueezeNet(base_expand=64, expand_step=32, frequency=4, squeeze_ratio=0.25, share_3x3=0.25)
    fires = [m.knob_values for m in net.modules() if isinstance(m, Fire)]
    assert [(f["c_squeeze"], f["c_1"], f["c_3"]) for f in fires] == [(16, 48, 16)] * 4 + [(24, 72, 24)] * 4


def test_bypasses() -> None:
    """Simple: around fire3, 5, 7, 9, no weights. Complex: a 1x1 convolution around the others (figure 2)."""
    plain, simple, complex_ = (catalog.build("squeezenet1_0", bypass=b) for b in ("none", "simple", "complex"))
    assert count(simple) == count(plain)
    assert sum(isinstance(m, Bypass) for m in simple.modules()) == 4
    changes = [(96, 128), (128, 256), (256, 384), (384, 512)]
    assert count(complex_) - count(plain) == sum(a * b + b for a, b in changes)


def test_simple_bypass_adds_its_input() -> None:
    fire = Fire(6, 2, 3, 3)
    x = torch.randn(1, 6, 5, 5)
    torch.testing.assert_close(Bypass(fire, 6, 6)(x), fire(x) + x)


def test_a_pool_twice_is_refused_and_the_nearest_works() -> None:
    with pytest.raises(KnobError) as caught:
        catalog.build("squeezenet1_0", pool_after=(4, 4, 8))
    catalog.build("squeezenet1_0", pool_after=caught.value.nearest[0])
    with pytest.raises(KnobError):
        catalog.build("squeezenet1_0", pool_after=(1,))


def test_unusual_knobs_train() -> None:
    net = SqueezeNet(width_mult=0.1, bypass="complex", norm=True, kernel_size=5, pool_after=(2, 9), in_channels=1, num_classes=3)
    net(torch.randn(2, 1, 96, 80)).sum().backward()
    assert all(p.grad is not None for p in net.parameters())
