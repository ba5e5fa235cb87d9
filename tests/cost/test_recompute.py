"""A recompute plan, carried out by torch's checkpoint: what is saved to the byte, and the peak of a step."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from blocks import analyse
from blocks.cost.recompute import checkpointed, recomputable
from blocks.knobs import KnobError
from tests.cost.test_memory_presets import built, one_thread
from tests.cost.test_training import real_step
from tests.storages import saved_bytes


@pytest.mark.parametrize(
    ("name", "shape", "share"), [("resnet18", (16, 3, 96, 96), 0.96), ("vit_ti_16", (2, 3, 224, 224), 0.85), ("mobilenet_v2_x0_35", (8, 3, 64, 64), 0.75)]
)
def test_a_plan_saves_what_it_promises(name: str, shape: tuple[int, ...], share: float) -> None:
    analysis = analyse(name, shape, training=True)
    memory = int(analysis.training_memory("sgd").peak * share)
    plan = analysis.recompute_plan(memory, "sgd")
    assert len(plan.blocks) > 0
    assert plan.peak <= memory
    with one_thread(), checkpointed(built(name).train(), plan.blocks) as net:
        x = torch.rand(shape)
        assert plan.saved == saved_bytes(net, x)
        _, peak = real_step(net, x, "sgd")
    assert plan.peak == pytest.approx(peak, rel=0.03)
    assert type(net).forward.__name__ == "forward"
    assert all("forward" not in module.__dict__ for module in net.modules())


def test_no_block_runs_again_without_need() -> None:
    analysis = analyse("resnet18", (16, 3, 96, 96), training=True)
    assert analysis.recompute_plan(1 << 40).blocks == ()
    plan = analysis.recompute_plan(int(analysis.training_memory("sgd").peak * 0.96), "sgd")
    assert set(plan.blocks) < set(recomputable(analysis.graph))
    assert plan.extra_flops == sum(row.flops for row in analysis.table.itertuples() if row.module.startswith(tuple(f"{path}." for path in plan.blocks)))


def test_too_little_memory_is_refused_with_what_would_do() -> None:
    analysis = analyse("resnet18", (16, 3, 96, 96), training=True)
    with pytest.raises(KnobError, match="still needs") as refused:
        analysis.recompute_plan(1 << 20)
    assert analysis.recompute_plan(refused.value.nearest[0]).blocks


def test_a_block_that_overwrites_its_input_cannot_run_again() -> None:
    class InPlace(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.conv(torch.relu_(x))

    net = nn.Sequential(nn.Conv2d(3, 3, 1), InPlace(), InPlace())
    assert recomputable(analyse(net, (2, 3, 5, 7), training=True).graph) == {}
