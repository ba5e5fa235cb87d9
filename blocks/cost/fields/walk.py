"""The walk over a traced graph: what every tensor sees of the picture, or why that is not known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from blocks.cost.fields import mixes, moves, windows  # noqa: F401  (their maps register themselves)
from blocks.cost.fields.sets import HULLS, Axis, Line, NoMap, Seen, Sets, everything
from blocks.cost.fields.step import MAPS, Step
from blocks.trace.graph import Graph, Node, Ref
from blocks.trace.symbolic import plain


@dataclass(frozen=True, slots=True)
class Unknown:
    """From here on it is not known what is seen; ``reason`` is a sentence about the operation ``node``."""

    reason: str
    node: int


#: What a tensor sees along each axis of the picture.
State = tuple[Seen | None, ...]
_ONE_DIMENSIONAL = frozenset({"conv1d", "conv_transpose1d", "max_pool1d", "avg_pool1d"})


def picture_input(graph: Graph) -> Node | None:
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


def fields_of_picture(node: Node, axes: list[tuple[Axis, Sets]]) -> State:
    """What the elements of the picture itself see: each its own position."""
    rank = len(node.shape)
    first = rank - len(axes)
    made = []
    for i, (axis, sets) in enumerate(axes):
        term = sets.reshape(sets.shape[0], *[1] * (first + i), axis.length, *[1] * (rank - first - i - 1))
        made.append(Seen(axis, (term,), first + i, Line(1, 1, 0)))
    return tuple(made)


def walk_fields(graph: Graph, source: Node, axes: list[tuple[Axis, Sets]]) -> dict[Ref, State | Unknown]:
    """What each tensor sees of ``source``; those that see nothing of it are left out."""
    found: dict[Ref, State | Unknown] = {(source.index, 0): fields_of_picture(source, axes)}
    wholes = _Wholes([axis for axis, _ in axes])
    for node in graph.nodes[source.index + 1 :]:
        given = [g for ref in node.inputs if (g := found.get(ref)) is not None]
        if not given or not node.outputs:
            continue
        unknown = next((g for g in given if type(g) is Unknown), None)
        after: Sequence[State | Unknown | None]
        if unknown is not None:
            after = [unknown] * len(node.outputs)
        elif node.op in _KEEP_WHOLE and all(map(wholes.has, given)):
            after = [wholes.of(len(shape)) for shape in node.outputs]
        else:
            states = [found.get(ref) for ref in node.inputs]
            after = _after(node, graph, [s if isinstance(s, tuple) else wholes.none for s in states], len(axes))
        for slot, state in enumerate(after):
            if state is not None and state != wholes.none:
                found[node.index, slot] = wholes.simplified(state)
    return found


#: Where all of their inputs' elements see everything, all of the output's do: nothing is filled in and no window can lie outside.
_KEEP_WHOLE = {name for name, function in MAPS.items() if function.__module__ == mixes.__name__ and function is not MAPS["zeros_like"]} | {
    "view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "permute", "transpose", "t", "expand", "split", "chunk", "unbind", "__getitem__", "roll",
}  # fmt: skip


class _Wholes:
    """The one state of each rank in which every element sees everything."""

    def __init__(self, axes: list[Axis]) -> None:
        self.axes = axes
        self.none: State = (None,) * len(axes)
        self._known: dict[int, State] = {}
        self._ids: set[int] = set()

    def of(self, rank: int) -> State:
        if rank not in self._known:
            self._known[rank] = tuple([everything(axis, rank) for axis in self.axes])
            self._ids.add(id(self._known[rank]))
        return self._known[rank]

    def has(self, state: object) -> bool:
        return id(state) in self._ids

    def simplified(self, state: State | Unknown) -> State | Unknown:
        """The known object in the place of an equal state."""
        if type(state) is tuple and all(s is not None and s.is_everything for s in state):
            return self.of(next(s for s in state if s is not None).rank)
        return state


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
