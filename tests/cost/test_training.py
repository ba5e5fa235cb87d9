"""Memory of a training step against a real one: every storage that is alive while torch runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from blocks import analyse
from blocks.knobs import KnobError
from tests.cost.test_memory_presets import built, one_thread
from tests.storages import LiveStorages, own_tensors, storage_bytes_of

OPTIMIZERS: dict[str, Callable[[Iterable[Tensor]], torch.optim.Optimizer]] = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1), "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "adam": torch.optim.Adam, "adamw": torch.optim.AdamW,
}  # fmt: skip


def real_step(net: nn.Module, x: Tensor, name: str) -> tuple[int, int]:
    """(bytes of the optimizer's state, most bytes alive in one step, the second, when the state is there already)."""
    optimizer = OPTIMIZERS[name](net.parameters())

    def step() -> None:
        result = net(x)
        gradient = torch.ones_like(result)
        result.backward(gradient)
        del gradient
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    step()
    state: list[Any] = [t for of_one in optimizer.state.values() for t in of_one.values() if isinstance(t, Tensor)]
    outside = [*own_tensors(net), x, *state]
    live = LiveStorages(outside)
    with live:
        step()
    return storage_bytes_of(state), live.peak + storage_bytes_of(outside)


@pytest.mark.parametrize(
    ("name", "shape", "optimizer"),
    [
        ("resnet18", (4, 3, 96, 96), "sgd"), ("resnet18", (2, 3, 32, 32), "momentum"), ("resnet18", (2, 3, 32, 32), "adam"),
        ("mobilenet_v2_x0_35", (8, 3, 64, 64), "adamw"), ("densenet121", (4, 3, 64, 64), "sgd"), ("vit_ti_16", (4, 3, 224, 224), "adam"),
    ],
)  # fmt: skip
def test_a_step_takes_what_a_real_one_takes(name: str, shape: tuple[int, ...], optimizer: str) -> None:
    with one_thread():
        state, peak = real_step(built(name).train(), torch.rand(shape), optimizer)
    ours = analyse(name, shape, training=True).training_memory(optimizer)
    assert ours.optimizer_state == state
    # torch adds gradients that meet where it can; when it cannot it makes one more for a moment.
    assert ours.peak == pytest.approx(peak, rel=0.01)


def test_where_the_peak_is() -> None:
    wide = nn.Sequential(nn.Linear(3, 512), nn.ReLU(), nn.Linear(512, 2))
    few, many = (analyse(wide, (batch, 3), training=True).training_memory("adam") for batch in (1, 10_000))
    assert few.where == "optimizer step"
    assert many.where.startswith("backward: ")
    assert (few.weights, few.gradients, few.optimizer_state) == (4 * 3074, 4 * 3074, 2 * 4 * 3074 + 4 * 4)


def test_frozen_layers_have_no_gradient_and_no_state() -> None:
    net = nn.Sequential(nn.Linear(3, 5), nn.Sigmoid(), nn.Linear(5, 7), nn.Sigmoid())
    net[0].requires_grad_(False)
    memory = analyse(net, (2, 3), training=True).training_memory("momentum")
    assert (memory.gradients, memory.optimizer_state) == (4 * 42, 4 * 42)
    assert memory.saved == 4 * 2 * (5 + 7)  # the input of the second layer and the result of the last


def test_what_cannot_be_told_is_refused() -> None:
    net = nn.Linear(3, 5)
    with pytest.raises(KnobError, match="optimizer = 'adm': must be one of sgd, momentum, adam, adamw") as refused:
        analyse(net, (2, 3), training=True).training_memory("adm")
    assert refused.value.nearest[0] == "adam"
    with pytest.raises(KnobError, match="needs a trace in training mode"):
        analyse(net, (2, 3)).training_memory("adam")
