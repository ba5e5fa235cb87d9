"""Under autocast a trace says what torch really does: its copies, what is saved, what is alive; and nothing of it stays behind."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from blocks import analyse
from blocks.trace.casts import autocast_on, copied_operands, with_copies
from blocks.trace.proxy import CPU, Proxy
from tests.cost.test_memory_presets import built, one_thread, smallest
from tests.storages import real_peak, saved_bytes


class Shared(nn.Module):
    """A convolution that is called twice, a norm whose weights stay wide, types that are told to stay, and a frozen layer."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.norm, self.twice, self.head = nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.Conv2d(8, 8, 3, padding=1), nn.Linear(8, 5)
        self.first.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.first(x)).relu()
        y = self.twice(self.twice(y)) + y
        with torch.autocast("cpu", enabled=False):
            y = y.float().softmax(1)
        return self.head(y.mean((2, 3)))


def real(net: nn.Module, x: Tensor) -> tuple[int, int]:
    torch.clear_autocast_cache()
    saved = saved_bytes(net.train(), x)
    torch.clear_autocast_cache()
    return saved, real_peak(net.eval(), x).peak


def test_copies_are_operations_and_stay_as_long_as_torch_keeps_them() -> None:
    net, x = Shared(), torch.rand(2, 3, 12, 10)
    with torch.autocast("cpu", torch.bfloat16):
        trained, run = analyse(net, x, training=True), analyse(net, x)
        assert (trained.saved_memory, run.peak_memory) == real(net, x)
    copies = [(n.weights, n.outputs[0]) for n in run.graph.nodes if n.op == "to" and n.weights]
    assert [name for names, _ in copies for name in names].count("twice.weight") == 1
    assert {n.op: n.dtype for n in run.graph.nodes}["conv2d"] == "bfloat16"
    assert analyse(net, x).macs == run.macs
    assert analyse(net, x).params == run.params == sum(n.params for n in run.graph.nodes)


@pytest.mark.parametrize("name", ["alexnet_2012", "mobilenet_v2_x0_35", "vit_ti_16", "googlenet"])
def test_presets_under_autocast(name: str) -> None:
    knobs, shape = smallest(name)
    net, x = built(name, **knobs), torch.rand(shape)
    with one_thread(), torch.autocast("cpu", torch.bfloat16):
        assert (analyse(name, shape, training=True, **knobs).saved_memory, analyse(name, shape, **knobs).peak_memory) == real(net, x)


def test_no_copy_outlives_the_trace() -> None:
    net, x = Shared(), torch.rand(2, 3, 12, 10)
    with torch.autocast("cpu", torch.bfloat16):
        before = net(x)
        analyse(net, x, training=True)
        assert type(net(x)) is Tensor
        assert torch.equal(net(x), before)


def test_autocast_of_a_device_that_is_not_here_is_that_of_the_cpu() -> None:
    before = torch.get_autocast_dtype("cuda")
    torch.set_autocast_enabled("cuda", True)
    torch.set_autocast_dtype("cuda", torch.float16)
    try:
        graph = analyse(nn.Linear(3, 5), (2, 3)).graph
        with autocast_on(CPU):
            assert torch.get_autocast_dtype("cpu") is torch.float16
    finally:
        torch.set_autocast_enabled("cuda", False)
        torch.set_autocast_dtype("cuda", before)
    assert not torch.is_autocast_enabled("cpu")
    assert [n.dtype for n in graph.nodes if n.op == "linear"] == ["float16"]


def test_operands_are_replaced_wherever_they_stand() -> None:
    a, b, other = Proxy((2,)), Proxy((2,), torch.bfloat16), Proxy((3,))
    replaced = with_copies(((a, [other, {"x": a}]), 3), {id(a): b})
    found = [replaced[0][0], replaced[0][1][0], replaced[0][1][1]["x"]]
    assert list(map(id, found)) == [id(b), id(other), id(b)]
    assert replaced[1] == 3
    assert list(copied_operands([], [a])) == []
