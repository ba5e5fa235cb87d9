"""IBN-Net: what each norm sees, where it sits, and what it takes out of a picture."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from blocks import catalog
from blocks.knobs import KnobError
from blocks.layers.common import InstanceBatchNorm


def bare(name: str, **knobs: object) -> nn.Module:
    with torch.device("meta"):
        return catalog.build(name, **knobs)


def parameters(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def test_first_half_instance_second_half_batch() -> None:
    block = catalog.build("instance_batch_norm", c_in=7).double().train()
    x = torch.randn(3, 7, 5, 5, dtype=torch.float64) * 4 + 2
    y = block(x)
    torch.testing.assert_close(y[:, :3], F.instance_norm(x[:, :3]))
    torch.testing.assert_close(y[:, 3:], F.batch_norm(x[:, 3:], None, None, training=True))


def test_contrast_and_brightness_leave_the_instance_half_alone() -> None:
    block = catalog.build("instance_batch_norm", c_in=8).double().eval()
    x = torch.randn(1, 8, 9, 9, dtype=torch.float64)
    moved = block(3 * x + 5) - block(x)
    assert moved[:, :4].abs().max() < 1e-4  # up to the eps below the root
    torch.testing.assert_close(moved[:, 4:], (2 * x + 5)[:, 4:], rtol=1e-4, atol=1e-4)  # running mean 0 and variance 1: all of it stays


@pytest.mark.parametrize("depth", [18, 34, 50, 101])
def test_ibn_a_costs_nothing_and_spares_the_last_stage(depth: int) -> None:
    plain, a = bare(f"resnet{depth}"), bare(f"resnet{depth}_ibn_a")
    assert parameters(a) == parameters(plain)
    in_stages = [sum(isinstance(m, InstanceBatchNorm) for m in stage.modules()) for stage in a.stages]
    assert in_stages == [len(stage) for stage in list(a.stages)[:3]] + [0]


@pytest.mark.parametrize(("depth", "widths"), [(18, (64, 128)), (34, (64, 128)), (50, (256, 512)), (101, (256, 512))])
def test_ibn_b_ends_the_first_two_stages_and_the_stem(depth: int, widths: tuple[int, int]) -> None:
    net = bare(f"resnet{depth}_ibn_b")
    norms = [(name, m.num_features) for name, m in net.named_modules() if isinstance(m, nn.InstanceNorm2d)]
    assert [channels for _, channels in norms] == [64, *widths]
    assert norms[0][0].startswith("stem")
    assert parameters(net) == parameters(bare(f"resnet{depth}")) + 2 * sum(widths)


def test_the_mixed_networks_cost_what_their_parts_cost() -> None:
    assert parameters(bare("resnext101_ibn_a")) == parameters(bare("resnext101_32x4d"))
    gates = sum(n * 2 * c * c // 16 for c, n in ((256, 3), (512, 4), (1024, 23), (2048, 3)))  # without biases
    assert parameters(bare("se_resnet101_ibn_a")) == parameters(bare("resnet101")) + gates


def test_one_channel_cannot_be_halved() -> None:
    with pytest.raises(KnobError) as error:
        catalog.build("ibn_bottleneck", c_in=4, c_mid=1, c_out=4)
    assert error.value.argument == "norm"
    catalog.build("ibn_bottleneck", c_in=4, c_mid=1, c_out=4, norm=error.value.nearest[0])


def test_ibn_b_block_normalises_after_the_addition_and_trains() -> None:
    block = catalog.build("ibn_bottleneck", c_in=8, c_mid=4, c_out=8, norm="ibn_b").train()
    x = torch.randn(2, 8, 6, 6)
    torch.testing.assert_close(block(x), torch.relu(F.instance_norm(x + block.body(x))), rtol=1e-4, atol=1e-4)
    block(x).square().mean().backward()
    assert all(p.grad is not None for p in block.parameters())
