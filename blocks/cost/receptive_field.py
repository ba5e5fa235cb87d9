"""Receptive field of every operation's output: what part of the picture one position sees.

Source of the recurrence: Dumoulin and Visin 2016, arXiv 1603.07285; Araujo et al. 2019 (Distill).
"""

from __future__ import annotations

from dataclasses import dataclass

from blocks.trace.graph import Graph, Node
from blocks.trace.symbolic import plain


@dataclass(frozen=True, slots=True)
class Field:
    """Along one axis: position i of the output sees input positions low + i·stride ... low + i·stride + size - 1.

    ``low`` is negative where padding is seen. ``start`` is the centre of the first position's field. ``whole`` marks an
    output that sees the whole axis (global pooling, attention, a linear layer over positions).
    """

    size: float
    stride: float
    low: float
    whole: bool = False

    @property
    def start(self) -> float:
        """Centre of the first position's field."""
        return self.low + (self.size - 1) / 2

    def seen(self, position: int, length: int) -> tuple[int, int]:
        """First and last input position that output ``position`` sees, cut to the picture."""
        if self.whole:
            return 0, length - 1
        first = self.low + position * self.stride
        return max(0, int(first)), min(length - 1, int(first + self.size - 1))


FieldPair = tuple[Field, Field]
_GLOBAL = {"scaled_dot_product_attention", "multi_head_attention_forward"}


def receptive_fields(graph: Graph) -> dict[int, FieldPair]:
    """(vertical, horizontal) field of each operation's output, by node index; operations before any picture have none."""
    found: dict[int, FieldPair] = {}
    lengths = (1, 1)
    for node in graph.nodes:
        if node.kind == "input" and node.op == "input":
            if len(node.shape) >= 4:
                lengths = (plain(node.shape[-2]), plain(node.shape[-1]))
                found[node.index] = (Field(1, 1, 0), Field(1, 1, 0))
            continue
        sources = [found[p] for p, _ in node.inputs if p in found]
        if sources:
            merged = (_union([s[0] for s in sources]), _union([s[1] for s in sources]))
            found[node.index] = (_after(node, merged[0], 0, lengths[0], graph), _after(node, merged[1], 1, lengths[1], graph))
    return found


def _union(fields: list[Field]) -> Field:
    if len(fields) == 1:
        return fields[0]
    if any(f.whole for f in fields):
        return next(f for f in fields if f.whole)
    low = min(f.low for f in fields)
    high = max(f.low + f.size for f in fields)
    return Field(high - low, max(f.stride for f in fields), low)


def _after(node: Node, field: Field, which: int, length: int, graph: Graph) -> Field:
    whole = Field(length, length, 0, True)
    if field.whole:
        return field
    if node.op in _GLOBAL or (node.op == "matmul" and len(node.inputs) > 1):
        return whole
    if "kernel" in node.attrs:
        kernel, stride = _of(node, "kernel", which), _of(node, "stride", which)
        span = _of(node, "dilation", which) * (kernel - 1)
        if node.op.startswith("conv_transpose"):  # position i is made of the inputs from (i + padding - span) / stride to (i + padding) / stride
            between = field.stride / stride
            return Field(field.size + span * between, between, field.low + (_of(node, "padding", which) - span) * between)
        return Field(field.size + span * field.stride, field.stride * stride, field.low - _of(node, "padding", which) * field.stride)
    if node.op.startswith("adaptive") or node.op in ("linear", "matmul", "mean"):
        return whole if _positions_gone(node, which, graph) else field
    if node.kind == "upsample":
        source = graph.nodes[node.inputs[0][0]].shape
        factor = plain(node.shape[2 + which]) / plain(source[2 + which])
        return Field(field.size, field.stride / factor, field.low)
    return field


def _of(node: Node, name: str, which: int) -> int:
    values = node.attrs[name]
    chosen: int = plain(values[which] if len(values) > which else values[0])
    return chosen


def _positions_gone(node: Node, which: int, graph: Graph) -> bool:
    if len(node.shape) == 4:
        source = graph.nodes[node.inputs[0][0]].shape
        return plain(node.shape[2 + which]) < plain(source[2 + which]) if len(source) == 4 else False
    source = graph.nodes[node.inputs[0][0]].shape
    return len(source) == 4 or (node.op == "linear" and len(node.shape) == 2)
