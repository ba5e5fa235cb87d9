"""ShuffleNet v1: grouped weights, what the shuffle connects, stride 2's concatenation, published sizes, refusals."""

from __future__ import annotations

import pytest
import torch
from counting import macs, params, weights
from torch import nn
from torch.nn import functional as F

from blocks import catalog
from blocks.families.shufflenet_v1 import ShuffleNetV1, ShuffleUnit
from blocks.knobs import KnobError
from blocks.layers.common import ConvNormAct, channel_shuffle

# The authors' published table: million multiply-adds and million parameters.
PUBLISHED = {
    "shufflenet_v1_g3_x0_5": (38, 0.7), "shufflenet_v1_g3_x1_0": (138, 1.9), "shufflenet_v1_g3_x1_5": (292, 3.4), "shufflenet_v1_g3_x2_0": (524, 5.4),
    "shufflenet_v1_g8_x0_5": (40, 1.0), "shufflenet_v1_g8_x1_0": (138, 2.4), "shufflenet_v1_g8_x1_5": (290, 4.3), "shufflenet_v1_g8_x2_0": (522, 6.5),
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_sizes(name: str) -> None:
    million_macs, million_params = PUBLISHED[name]
    with torch.device("meta"):
        net = catalog.build(name)
    assert params(net) / 1e6 == pytest.approx(million_params, abs=0.051)
    assert macs(net, 1, 3, 224, 224) / 1e6 == pytest.approx(million_macs, abs=1)


def test_grouping_divides_a_3x3_by_eight() -> None:
    assert weights(ConvNormAct(256, 256, 3)) == 589_824
    assert weights(ConvNormAct(256, 256, 3, groups=8)) == 73_728


@pytest.mark.parametrize(("c", "g", "b", "k"), [(48, 3, 4, 3), (80, 2, 5, 5), (24, 1, 2, 3)])
def test_unit_weights(c: int, g: int, b: int, k: int) -> None:
    """Section 3.2: 2·C·m/g + 9·m for a unit of C channels with a bottleneck of m, here for any kernel."""
    m = c // b
    unit = ShuffleUnit(c, c, groups=g, reduction=b, kernel_size=k)
    assert weights(unit) == 2 * c * m // g + k * k * m
    assert macs(unit, 1, c, 6, 7) == 42 * (2 * c * m // g + k * k * m)


def reach(unit: ShuffleUnit) -> torch.Tensor:
    """Which inputs (columns) each output (rows) depends on, by the gradient of the branch."""
    torch.manual_seed(0)
    unit = unit.double().eval()
    x = torch.rand(1, unit.squeeze.conv.in_channels, 3, 3, dtype=torch.float64)

    def branch(x: torch.Tensor) -> torch.Tensor:
        y = unit.depthwise.norm(unit.depthwise.conv(unit.squeeze.norm(unit.squeeze.conv(x))))  # linear: no path hides behind a ReLU
        if unit.shuffle:
            y = channel_shuffle(y, y.shape[1] // unit.groups)
        return unit.expand(y).sum(dim=(0, 2, 3))

    jacobian = torch.autograd.functional.jacobian(branch, x)
    return jacobian.abs().sum(dim=(1, 3, 4)) > 1e-12


def test_shuffle_lets_every_output_see_every_input() -> None:
    connected = reach(ShuffleUnit(36, 36, groups=3, reduction=4))
    assert connected.all()


def test_without_shuffle_each_group_stays_among_itself() -> None:
    connected = reach(ShuffleUnit(36, 36, groups=3, reduction=4, shuffle=False))
    group = torch.arange(36) // 12
    assert torch.equal(connected, group[:, None] == group[None])


def test_channel_shuffle_and_its_inverse() -> None:
    x = torch.arange(12.0).view(1, 12, 1, 1)
    assert channel_shuffle(x, 3).flatten().tolist() == [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]
    assert torch.equal(channel_shuffle(channel_shuffle(x, 3), 4), x)


def test_stride_2_concatenates_the_pooled_input() -> None:
    unit = ShuffleUnit(24, 60, groups=3, stride=2, reduction=4, grouped_input=False).eval()
    x = torch.randn(2, 24, 8, 8)
    y = unit(x)
    assert y.shape == (2, 60, 4, 4)
    assert torch.equal(y[:, :24], F.avg_pool2d(x, 3, 2, 1))
    assert (y[:, 24:] >= 0).all()


def test_stride_1_adds_the_input() -> None:
    unit = ShuffleUnit(24, 24, groups=2).eval()
    nn.init.zeros_(unit.expand.norm.weight)
    x = torch.randn(2, 24, 5, 5)
    assert torch.equal(unit(x), F.relu(x))


@pytest.mark.parametrize("groups", [1, 2, 3, 4, 5, 7, 8])
def test_any_group_count_builds_the_network(groups: int) -> None:
    net = ShuffleNetV1(groups=groups, width_mult=0.25, num_classes=3, se_ratio=4, depths=(2, 1))
    net(torch.randn(2, 3, 64, 64)).square().mean().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in net.parameters())


REFUSED = [
    ({"groups": 7}, "groups"),
    ({"reduction": 7}, "reduction"),
    ({"stride": 3}, "stride"),
    ({"c_out": 120}, "c_out"),
    ({"c_out": 12, "stride": 2}, "c_out"),
]


@pytest.mark.parametrize(("knobs", "argument"), REFUSED)
def test_refused(knobs: dict, argument: str) -> None:
    base = {"c_in": 48, "c_out": 48}
    with pytest.raises(KnobError) as caught:
        ShuffleUnit(**{**base, **knobs})
    assert caught.value.argument == argument
    assert caught.value.nearest
    for value in caught.value.nearest:
        if argument != "stride":  # a stride of 2 asks for other channels as well
            ShuffleUnit(**{**base, **knobs, argument: value})


def test_stem_as_wide_as_the_stage_is_refused() -> None:
    with pytest.raises(KnobError, match="c_stem") as caught:
        ShuffleNetV1(c_stem=240)
    with torch.device("meta"):
        ShuffleNetV1(c_stem=caught.value.nearest[0])
