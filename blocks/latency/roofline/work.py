"""What each operation of a trace asks of a machine: arithmetic, bytes, and the group that its efficiency goes by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from blocks.latency.roofline.machines import Machine
from blocks.trace.graph import Graph, Node
from blocks.trace.symbolic import plain

#: Kinds that run on matrix units where a machine has them; the others are bound by the float32 units.
MATRIX = frozenset({"convolution", "linear", "attention"})
_BY_KIND = {
    "linear": "matrix", "attention": "matrix", "norm": "elementwise", "activation": "elementwise", "add": "elementwise", "multiply": "elementwise",
    "dropout": "elementwise", "pool": "pool",
}  # fmt: skip


class OperationCost(NamedTuple):
    """One operation: ``flops`` and ``bytes`` for the traced batch; ``matrix`` tells whether matrix units do it."""

    node: int
    group: str
    flops: int
    bytes: int
    matrix: bool

    def roof(self, machine: Machine, dtype: str) -> tuple[float, float]:
        """Seconds of arithmetic and seconds of memory at the machine's peaks. Raises KnobError where it has no figure for ``dtype``."""
        rate = machine.peak(dtype) if self.matrix else machine.peak("float64" if dtype == "float64" else "float32")
        return self.flops / rate, self.bytes / machine.bandwidth


def group_of(node: Node, graph: Graph) -> str:
    """One of :data:`blocks.latency.roofline.machines.GROUPS`."""
    if node.kind != "convolution":
        return _BY_KIND.get(node.kind, "move")
    groups = plain(node.attrs.get("groups", 1))
    if groups == 1:
        return "pointwise" if all(plain(k) == 1 for k in node.attrs.get("kernel", ())) else "dense"
    producer, slot = node.inputs[0]
    return "depthwise" if groups == plain(graph.nodes[producer].outputs[slot][1]) else "grouped"


def operation_costs(graph: Graph) -> Iterator[OperationCost]:
    """The operations that run something: views and what inference drops do no arithmetic, move nothing and are left out."""
    for node in graph.nodes:
        if node.kind in ("input", "output"):
            continue
        flops, moved = plain(node.flops), plain(node.reads) + plain(node.writes)
        if flops or moved:
            yield OperationCost(node.index, group_of(node, graph), flops, moved, node.kind in MATRIX)
