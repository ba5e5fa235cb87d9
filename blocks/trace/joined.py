"""Operations that torch's C++ code takes apart before a trace sees them, priced as the one operation that they were."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from blocks.trace.graph import Node


def join_attention(softmax: Any, before: Sequence[Any], scores: int) -> None:
    """Attention: its softmax takes the two scalings' place.

    ``softmax`` and the steps or nodes ``before`` it have ``op``, ``kind`` and ``flops``; ``scores`` is the softmax's number of elements.
    """
    for scaling in [s for s in before if s.op == "mul"][-2:]:
        scaling.flops = 0
    softmax.flops += scores
    softmax.kind = "attention"


def join_convolution(nodes: list[Node]) -> None:
    """A complex convolution, where the last of ``nodes`` ended one: torch makes three real ones of it, of sums of real and imaginary parts.

    What belonged to it is taken out of ``nodes``; the last node becomes the convolution, of four real multiply-accumulates for each of its own.
    """
    operands = next((n for n in (3, 2) if [_plain_name(node.op) for node in nodes[-len(_parts(n)) :]] == _parts(n)), 0)
    if not operands:
        return
    parts = nodes[-len(_parts(operands)) :]
    views, first = parts[: 3 * operands : 3], parts[3 * operands]
    if first.inputs[:2] != tuple((view.index + 1, 0) for view in views[:2]):
        return  # other operations of these names
    last = parts[-1]
    del nodes[parts[0].index :]
    outputs = math.prod(last.shape)
    nodes.append(
        replace(
            last,
            index=parts[0].index,
            op=first.op,
            kind=first.kind,
            inputs=tuple(ref for view in views for ref in view.inputs),
            weights=tuple(name for view in views for name in view.weights),
            macs=4 * first.macs,
            flops=8 * first.macs + (2 * outputs if operands == 3 else 0),
            params=sum(view.params for view in views),
            reads=sum(math.prod(view.shape) * view.itemsize for view in views),
            writes=outputs * last.itemsize,
        )
    )
    for node in nodes:  # what nobody held any more while the parts ran
        node.until[:] = [min(until, len(nodes)) for until in node.until]


def _parts(operands: int) -> list[str]:
    """What a complex convolution of ``operands`` tensors is taken apart into."""
    return ["view_as_real", "select", "select"] * operands + ["convolution"] * 2 + ["add"] * operands + ["convolution", "sub", "sub", "mul", "sub", "add"]


def _plain_name(op: str) -> str:
    return op.removeprefix("_")
