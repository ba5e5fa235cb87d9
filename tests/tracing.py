"""One call of a torch function, traced: its node in the graph, checked against what torch itself says of shape and type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_flatten
from torch.utils.flop_counter import FlopCounterMode

from blocks import Analysis, analyse
from blocks.trace.graph import Node

Shape = tuple[int, ...]


class Calls(nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *inputs: Tensor) -> Any:
        return self.function(*inputs)


def traced(function: Callable[..., Any], *shapes: Shape) -> Analysis:
    """The trace of ``function`` on float32 inputs of these shapes."""
    return analyse(Calls(function), list(shapes))


def on_meta(function: Callable[..., Any], *shapes: Shape) -> list[Tensor]:
    """The tensors that torch returns for inputs on the meta device."""
    result = function(*(torch.empty(s, device="meta") for s in shapes))
    return [leaf for leaf in tree_flatten(result)[0] if isinstance(leaf, Tensor)]


def node_of(function: Callable[..., Any], *shapes: Shape) -> Node:
    """The one operation of ``function``, whose returned shapes and types are checked against torch's own."""
    analysis = traced(function, *shapes)
    nodes = [n for n in analysis.graph.nodes if n.kind not in ("input", "output")]
    assert len(nodes) == 1, [n.op for n in nodes]
    assert nodes[0].counted
    found = [(n.shape, n.dtype) for n in analysis.graph.nodes if n.kind == "output"]
    assert found == [(tuple(t.shape), str(t.dtype)[6:]) for t in on_meta(function, *shapes)]
    return nodes[0]


def cost(function: Callable[..., Any], *shapes: Shape) -> tuple[int, int]:
    """(MACs, FLOPs besides 2·MACs) of the one operation of ``function``."""
    node = node_of(function, *shapes)
    return node.macs, node.flops - 2 * node.macs


def macs_by_torch(function: Callable[..., Any], *shapes: Shape) -> int:
    """Multiply-accumulates by torch's own counter."""
    with FlopCounterMode(display=False) as counter:
        on_meta(function, *shapes)
    return counter.get_total_flops() // 2
