"""The walk over a traced graph: what every tensor sees of the picture, or why that is not known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from blocks.cost.fields import mixes, moves, windows  # noqa: F401  (their maps register themselves)
from blocks.cost.fields.kept import once
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
_WINDOWS = {
    rank: {f"{name}{rank}d" for name in ("conv", "conv_transpose", "max_pool", "avg_pool", "adaptive_avg_pool", "adaptive_max_pool")} for rank in (1, 3)
}


class PictureInput(NamedTuple):
    """An input of the network, and its sizes along the last dimensions, which are the axes of a picture."""

    node: Node
    lengths: tuple[int, ...]


def picture_input(graph: Graph) -> PictureInput | None:
    """The first input that is a picture (..., H, W) of four or more dimensions.

    Where three-dimensional windows run over it, it is a volume (B, C, T, H, W); one of three dimensions is a signal (B, C, L) where
    one-dimensional windows do.
    """
    windows_of = {rank: any(n.op in names for n in graph.nodes) for rank, names in _WINDOWS.items()}
    for node in graph.nodes:
        if node.op != "input" or node.kind != "input":
            continue
        rank = len(node.shape)
        axes = (1 if windows_of[1] else 0) if rank == 3 else 2 if rank == 4 else 0 if rank < 4 else 3 if windows_of[3] else 2
        if axes:
            return PictureInput(node, tuple(map(plain, node.shape[-axes:])))
    return None


Axes = Sequence[tuple[Axis, Sets]]


@lru_cache(maxsize=64)
def hull_axes(lengths: tuple[int, ...]) -> Axes:
    """Each axis with the set of each of its positions, held by first and last position; the same objects for the same lengths."""
    return [(Axis(n, HULLS, (0, n - 1)), np.stack([-np.arange(n), np.arange(n)]).astype(np.int32)) for n in lengths]


def fields_of_picture(node: Node, axes: Axes) -> State:
    """What the elements of the picture itself see: each its own position."""
    rank = len(node.shape)
    if all(axis.algebra is HULLS for axis, _ in axes):
        key = ("picture", rank, *(id(sets) for _, sets in axes))
        return once(key, axes, lambda: _fields_of_picture(rank, axes), lambda state: [term for seen in state if seen for term in seen.terms])
    return _fields_of_picture(rank, axes)


def _fields_of_picture(rank: int, axes: Axes) -> State:
    first = rank - len(axes)
    made = []
    for i, (axis, sets) in enumerate(axes):
        term = sets.reshape(sets.shape[0], *[1] * (first + i), axis.length, *[1] * (rank - first - i - 1))
        made.append(Seen(axis, (term,), first + i, Line(1, 1, 0)))
    return tuple(made)


def walk_fields(graph: Graph, source: Node, axes: Axes) -> dict[Ref, State | Unknown]:
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
