"""Another activation in place of one, or of all."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor
from torch.nn import functional as F

from blocks.look.activations import Replacement
from blocks.look.gates import channel_gate
from blocks.trace.graph import Graph

EVERY = -1  # instead of an operation's number: every activation but gates on channels


def identity(x: Tensor) -> Tensor:
    """No activation at all."""
    return x.clone()


#: What an activation can be replaced by.
SWAPS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "relu6": F.relu6,
    "leaky_relu": F.leaky_relu,
    "silu": F.silu,
    "gelu": F.gelu,
    "hardswish": F.hardswish,
    "mish": F.mish,
    "sigmoid": F.sigmoid,
    "tanh": F.tanh,
    "identity": identity,
}


def replacements(graph: Graph, swapped: Sequence[tuple[int, str]]) -> dict[int, Replacement]:
    """The activations that run instead, by operation; what is said of one operation goes before what is said of :data:`EVERY`."""
    said = dict(swapped)
    found = {n.index: said.get(n.index) or said.get(EVERY, "") for n in graph.nodes if n.kind == "activation"}
    return {node: Replacement(name, SWAPS[name]) for node, name in found.items() if name and (node in said or channel_gate(graph, node) is None)}
