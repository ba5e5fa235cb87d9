"""Costs of the backward pass: MACs by torch's own counter on a real backward pass, the rest by closed forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode, sdpa_backward_flop_count

from blocks import analyse
from tests.cost.test_memory_presets import built, one_thread


def _sdpa_on_the_cpu(grad: Any, q: Any, k: Any, v: Any, *_: Any, **__: Any) -> int:
    return int(sdpa_backward_flop_count(grad, q, k, v))


#: torch's counter knows the kernels of GPUs.
OF_CPU = {torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward: _sdpa_on_the_cpu}


def macs_of_backward(net: nn.Module, x: Tensor) -> int:
    """MACs of a backward pass as torch counts them."""
    with torch.backends.mkldnn.flags(enabled=False):  # whose recurrent layers are one kernel that no counter knows
        result = net.train()(x)
    result = result[0] if isinstance(result, tuple) else result
    with FlopCounterMode(display=False, custom_mapping=OF_CPU) as counter:
        result.backward(torch.ones_like(result))
    return int(counter.get_total_flops()) // 2


class Split(nn.Module):
    """A grouped convolution as its groups: torch's counter takes the weight's gradient of a grouped one for a dense one."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        c_in, c_out = conv.in_channels // conv.groups, conv.out_channels // conv.groups
        self.parts = nn.ModuleList(nn.Conv2d(c_in, c_out, conv.kernel_size, conv.stride, conv.padding) for _ in range(conv.groups))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([part(piece) for part, piece in zip(self.parts, x.chunk(len(self.parts), 1), strict=True)], 1)


class Attention(nn.Module):
    """Queries of one length, keys and values of another width."""

    def __init__(self) -> None:
        super().__init__()
        self.q, self.k, self.v = nn.Linear(8, 12), nn.Linear(8, 12), nn.Linear(8, 12)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (part(x).unflatten(-1, (3, 4)).transpose(1, 2) for part in (self.q, self.k, self.v))
        return F.scaled_dot_product_attention(q, k, v)


class Product(nn.Module):
    """A product of two tensors that both depend on a weight."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(5, 7), nn.Linear(5, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.a(x).transpose(1, 2) @ self.b(x)


def frozen(net: nn.Sequential, first: int) -> nn.Sequential:
    """``net`` whose first layers get no gradient."""
    for part in net[:first]:
        part.requires_grad_(False)
    return net


NETWORKS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "first layer": (lambda: nn.Conv2d(3, 5, 3, 2, 1), (2, 3, 11, 13)),
    "two layers": (lambda: nn.Sequential(nn.Conv2d(3, 5, 3), nn.ReLU(), nn.Conv2d(5, 7, (1, 3), bias=False)), (2, 3, 11, 13)),
    "transposed": (lambda: nn.Sequential(nn.Conv2d(3, 5, 1), nn.ConvTranspose2d(5, 7, 3, 2)), (2, 3, 11, 13)),
    "one dimension": (lambda: nn.Sequential(nn.Conv1d(3, 5, 3), nn.Conv1d(5, 7, 5, dilation=2)), (2, 3, 41)),
    "linear": (lambda: nn.Sequential(nn.Linear(3, 5), nn.GELU(), nn.Linear(5, 7)), (2, 11, 3)),
    "frozen": (lambda: frozen(nn.Sequential(nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), nn.Conv2d(5, 7, 3), nn.Conv2d(7, 2, 1)), 2), (2, 3, 11, 13)),
    "frozen in the middle": (lambda: nn.Sequential(nn.Linear(3, 5), frozen(nn.Sequential(nn.Linear(5, 7)), 1), nn.Linear(7, 2)), (11, 3)),
    "product": (Product, (2, 11, 5)),
    "attention": (Attention, (2, 7, 8)),
    "GRU": (lambda: nn.GRU(3, 5, batch_first=True), (2, 4, 3)),
    "LSTM of two layers": (lambda: nn.Sequential(nn.Linear(7, 3), nn.LSTM(3, 5, 2, batch_first=True)), (2, 4, 7)),
    "LSTM in both directions": (lambda: nn.LSTM(3, 5, 1, bidirectional=True, batch_first=True), (2, 4, 3)),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:TF32 acceleration")
@pytest.mark.parametrize("name", NETWORKS)
def test_macs_are_those_of_a_real_backward_pass(name: str) -> None:
    make, shape = NETWORKS[name]
    net = make()
    assert analyse(net, shape, training=True).backward_macs == macs_of_backward(net, torch.rand(shape))


@pytest.mark.parametrize("groups", [2, 6])
def test_a_grouped_convolution_costs_what_its_groups_do(groups: int) -> None:
    whole, first = nn.Conv2d(6, 12, 3, 2, 1, groups=groups), nn.Conv2d(3, 6, 1)
    expected = macs_of_backward(nn.Sequential(first, Split(whole)), torch.rand(2, 3, 11, 13))
    assert analyse(nn.Sequential(first, whole), (2, 3, 11, 13), training=True).backward_macs == expected


@pytest.mark.parametrize(("name", "shape"), [("resnet18", (2, 3, 32, 32)), ("densenet121", (2, 3, 32, 32)), ("vit_ti_16", (1, 3, 224, 224))])
def test_macs_of_networks_of_the_catalog(name: str, shape: tuple[int, ...]) -> None:
    with one_thread():
        assert analyse(name, shape, training=True).backward_macs == macs_of_backward(built(name), torch.rand(shape))


def test_the_other_operations_by_hand() -> None:
    net = nn.Sequential(nn.Linear(3, 5), nn.Sigmoid(), nn.Linear(5, 7))
    analysis = analyse(net, (2, 3), training=True)
    products = 2 * (2 * 3 * 5 + 2 * 2 * 5 * 7)
    assert analysis.backward_flops == products + 2 * 5 + 2 * (5 * 3 + 5) + 2 * 7  # biases; a sigmoid's 3 and one more


def test_gradients_that_meet_and_operands_that_were_broadcast() -> None:
    class Gate(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.part = nn.Conv2d(3, 5, 1, bias=False)

        def forward(self, x: Tensor) -> Tensor:
            y = self.part(x)
            return y * y.mean((2, 3), keepdim=True)

    elements = 2 * 5 * 7 * 11
    # The product: 2 operands and one of them broadcast; the mean: its forward and its output; y is read twice.
    forward = analyse(Gate(), (2, 3, 7, 11), training=True)
    mean = next(node.flops for node in forward.graph.nodes if node.op == "mean")
    assert forward.backward_flops == 2 * 3 * elements + 3 * elements + mean + 10 + elements


def test_nothing_trained_costs_nothing() -> None:
    net = frozen(nn.Sequential(nn.Linear(3, 5), nn.ReLU()), 2)
    analysis = analyse(net, (2, 3), training=True)
    assert (analysis.backward_macs, analysis.backward_flops) == (0, 0)
