"""Gates on channels, as in squeeze-and-excitation: the numbers that a picture is squeezed to, and the factors that its channels get.

Hu, Shen, Albanie, Sun, Wu 2018, arXiv 1709.01507, section 3; its section 6.4 asks which gates differ between pictures.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from torch import Tensor

from blocks.knobs import KnobError
from blocks.language import translatable
from blocks.look.activations import first_output, seen_calls
from blocks.look.seen_network import SeenNetwork, SwitchedOff
from blocks.trace.graph import Graph

_FURTHEST = 12  # operations between a gate and what squeezes the picture


class ChannelGate(NamedTuple):
    """Operations of one gate: ``squeeze`` makes a number of each channel, ``gate`` gives the factors."""

    squeeze: int
    gate: int


class GateValues(NamedTuple):
    """For one picture: the numbers that the gate is made from, and its factors; a value for each channel."""

    squeezed: Tensor
    gates: Tensor


def channel_gate(graph: Graph, node: int) -> ChannelGate | None:
    """The gate whose last operation is ``node``: an activation with one value for each channel that a feature map is multiplied by; None where it is none."""
    nodes = graph.nodes
    if nodes[node].kind != "activation" or not _is_row(nodes[node].shape):
        return None
    used = (n for n in nodes if n.kind == "multiply" and (node, 0) in n.inputs)
    if not any(len(n.shape) == 4 and n.shape[1] == nodes[node].shape[1] and not _is_row(n.shape) for n in used):
        return None
    at = node
    for _ in range(_FURTHEST):
        if not nodes[at].inputs:
            return None
        before = nodes[at].inputs[0][0]
        if len(nodes[before].shape) == 4 and not _is_row(nodes[before].shape):
            return ChannelGate(at, node)
        at = before
    return None


def _is_row(shape: tuple[int, ...]) -> bool:
    """One picture, one value for each channel."""
    return len(shape) >= 2 and math.prod(shape) == shape[1]


def gate_values(seen: SeenNetwork, inputs: Tensor, node: int, off: SwitchedOff | None = None) -> GateValues:
    """What the gate that ends in ``node`` is made from and gives. Raises :class:`KnobError` for an operation that is no gate."""
    gate = channel_gate(seen.analysis.graph, node)
    if gate is None:
        raise KnobError("node", node, translatable("is no gate on channels"))
    calls = seen_calls(seen.analysis, seen.network, inputs, gate, keeps_arguments=False, change=off.change() if off else None)
    squeezed, gates = (first_output(calls[at].result).flatten() for at in gate)
    return GateValues(squeezed, gates)
