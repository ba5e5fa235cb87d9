"""Inception-ResNet-v2: what the residual scale does, sizes at the paper's grids, counts, and its knobs."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from blocks import catalog
from blocks.families.inception_resnet_v2 import InceptionResNetA, InceptionResNetB, InceptionResNetReductionB, InceptionResNetV2
from blocks.knobs import KnobError


def count(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def test_residual_is_scaled_before_it_is_added() -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 12, 6, 7, dtype=torch.double)
    full = InceptionResNetA(12, 2, 3, 4, 5, 6, 7, residual_scale=1.0, final_relu=False).double().eval()
    part = InceptionResNetA(12, 2, 3, 4, 5, 6, 7, residual_scale=0.3, final_relu=False).double().eval()
    part.load_state_dict(full.state_dict())
    torch.testing.assert_close(part(x) - x, 0.3 * (full(x) - x))


@pytest.mark.parametrize("final_relu", [True, False])
def test_scale_zero_is_the_identity(final_relu: bool) -> None:
    x = torch.randn(1, 9, 5, 5)
    y = InceptionResNetB(9, 2, 3, 4, 5, residual_scale=0.0, final_relu=final_relu)(x)
    torch.testing.assert_close(y, F.relu(x) if final_relu else x)


def test_module_counts() -> None:
    c, c_1, r3, c_3, dr, dm, d = 13, 2, 3, 5, 7, 11, 4
    a = InceptionResNetA(c, c_1, r3, c_3, dr, dm, d)
    weights = c * (c_1 + r3 + dr) + 9 * (r3 * c_3 + dr * dm + dm * d) + (c_1 + c_3 + d) * c
    assert count(a) == weights + c + 2 * (c_1 + r3 + c_3 + dr + dm + d)
    b = InceptionResNetB(c, c_1, r3, c_3, dr, kernel_size=5)
    assert count(b) == c * (c_1 + r3) + 5 * (r3 * c_3 + c_3 * dr) + (c_1 + dr) * c + c + 2 * (c_1 + r3 + c_3 + dr)
    r = InceptionResNetReductionB(c, 2, 3, 5, 7, 11)
    assert count(r) == 3 * c * 2 + 9 * (2 * 3 + 2 * 5 + 2 * 7 + 7 * 11) + 2 * (3 * 2 + 3 + 5 + 7 + 11)


@pytest.mark.parametrize(
    ("name", "c_in", "side", "c_out", "side_out"),
    [
        ("inception_resnet_a", 320, 35, 320, 35),
        ("inception_resnet_b", 1088, 17, 1088, 17),
        ("inception_resnet_reduction_b", 1088, 17, 2080, 8),
        ("inception_resnet_c", 2080, 8, 2080, 8),
    ],
)
def test_blocks_have_the_released_sizes(name: str, c_in: int, side: int, c_out: int, side_out: int) -> None:
    with torch.device("meta"):
        y = catalog.build(name)(torch.empty(1, c_in, side, side))
    assert tuple(y.shape) == (1, c_out, side_out, side_out)


def test_scale_moves_no_cost() -> None:
    with torch.device("meta"):
        assert count(catalog.build("inception_resnet_v2", scale_a=1.0, scale_b=1.0, scale_c=1.0)) == count(catalog.build("inception_resnet_v2"))


def test_squeeze_and_excitation_on_the_residual() -> None:
    plain, gated = (InceptionResNetB(32, 2, 3, 4, 5, se_ratio=r) for r in (0, 8))
    assert count(gated) - count(plain) == 2 * 32 * 4 + 32 + 4


def test_wrong_depths_are_refused_and_the_nearest_works() -> None:
    with pytest.raises(KnobError) as caught:
        InceptionResNetV2(depths=(1, 1), width_mult=0.05)
    InceptionResNetV2(depths=caught.value.nearest[0], width_mult=0.05)


def test_unusual_knobs_train() -> None:
    net = InceptionResNetV2(
        depths=(1, 2, 2), width_mult=0.05, scale_b=0.7, norm=False, pool="max", large_kernel=3, kernel_size=5, se_ratio=2, in_channels=1, num_classes=3
    )
    F.cross_entropy(net(torch.randn(2, 1, 96, 128)), torch.tensor([0, 2])).backward()
    assert all(p.grad is not None for p in net.parameters())


def test_last_module_is_neither_scaled_nor_rectified() -> None:
    last = catalog.build("inception_resnet_v2", depths=(1, 1, 3), width_mult=0.05).c[-1]
    assert isinstance(last, nn.Module)
    assert (last.scale, last.act) == (1.0, None)
