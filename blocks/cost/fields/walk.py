"""The walk over a traced graph: what every tensor sees of the picture, or why that is not known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from blocks.cost.fields import mixes, moves, windows
from blocks.cost.fields.sets import HULLS, Axis, Line, NoMap, Seen, Sets
from blocks.cost.fields.step import MAPS, Step
from blocks.trace.graph import Graph, Node, Ref
from blocks.trace.symbolic import plain

__all__ = ["Unknown", "hull_axes", "mixes", "moves", "picture", "start", "walk", "windows"]


@dataclass(frozen=True, slots=True)
class Unknown:
    """From here on it is not known what is seen; ``reason`` is a sentence about the operation ``node``."""

    reason: str
    node: int


#: What a tensor sees along each axis of the picture.
State = tuple[Seen | None, ...]
_ONE_DIMENSIONAL = frozenset({"conv1d", "conv_transpose1d", "max_pool1d", "avg_pool1d"})


def picture(graph: Graph) -> Node | None:
    """The input that is a picture: the first of (B, C, H, W) or (B, C, T, H, W); a signal (B, C, L) where one-dimensional windows run over it."""
    inputs = [n for n in graph.nodes if n.op == "input" and n.kind == "input"]
    for node in inputs:
        if len(node.shape) in (4, 5):
            return node
        if len(node.shape) == 3 and any(n.op in _ONE_DIMENSIONAL for n in graph.nodes):
            return node
    return None


def hull_axes(lengths: tuple[int, ...]) -> list[tuple[Axis, Sets]]:
    """Each axis with the set of each of its positions, held by first and last position."""
    return [(Axis(n, HULLS, (0, n - 1)), np.stack([-np.arange(n), np.arange(n)]).astype(np.int32)) for n in lengths]


def start(node: Node, axes: list[tuple[Axis, Sets]]) -> State:
    """What the elements of the picture itself see: each its own position."""
    rank = len(node.shape)
    first = rank - len(axes)
    made = []
    for i, (axis, sets) in enumerate(axes):
        term = sets.reshape(sets.shape[0], *[1] * (first + i), axis.length, *[1] * (rank - first - i - 1))
        made.append(Seen(axis, (term,), first + i, Line(1, 1, 0)))
    return tuple(made)


def walk(graph: Graph, source: Node, axes: list[tuple[Axis, Sets]]) -> dict[Ref, State | Unknown]:
    """What each tensor sees of ``source``; those that see nothing of it are left out."""
    found: dict[Ref, State | Unknown] = {(source.index, 0): start(source, axes)}
    for node in graph.nodes[source.index + 1 :]:
        given = [found.get(ref) for ref in node.inputs]
        if all(g is None for g in given) or not node.outputs:
            continue
        unknown = next((g for g in given if isinstance(g, Unknown)), None)
        states = [g if isinstance(g, tuple) else (None,) * len(axes) for g in given]
        after = [unknown] * len(node.outputs) if unknown else _after(node, graph, states, len(axes))
        for slot, state in enumerate(after):
            if isinstance(state, Unknown) or (state is not None and any(s is not None for s in state)):
                found[node.index, slot] = state
    return found


def _after(node: Node, graph: Graph, states: list[State], axes: int) -> list[State | Unknown | None]:
    if node.kind == "output":
        return [states[0]]
    step = Step.of(node, graph)
    try:
        made = MAPS.get(node.op)
        if made is None:
            raise step.no_map()
        results = [made(step, [s[i] for s in states]) for i in range(axes)]
    except NoMap as why:
        return [Unknown(str(why), node.index)] * len(node.outputs)
    slots = [r if isinstance(r, list) else [r] for r in results]
    outputs: list[State | Unknown | None] = [tuple([s[slot] for s in slots]) for slot in range(len(slots[0]))]
    # A write into a view is also one into what the view looks at.
    for shape in step.outputs[len(outputs) :]:
        outputs.append(outputs[0] if shape == step.shape else Unknown(str(step.no_map()), node.index))
    return outputs


def plain_lengths(node: Node) -> tuple[int, ...]:
    """Sizes of the picture along its axes."""
    return tuple(map(plain, node.shape[2:]))
