"""Exact sets of positions for one position: what an output position reads, holes included, and which output positions an input position reaches.

Both walk the whole graph again, with sets held by bits; :mod:`blocks.cost.receptive_field` has the first and last position of every set.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from blocks.cost.fields.sets import BITS, Axis, Seen, Sets
from blocks.cost.fields.walk import PictureInput, Unknown, picture_input, walk_fields
from blocks.cost.receptive_field import receptive_fields
from blocks.trace.graph import Graph

#: Input positions whose sets are followed at a time, so that a long signal does not fill the memory.
CHUNK = 4096


class UnknownField(ValueError):
    """There is no field to speak of; the message says why."""


def positions_read(graph: Graph, node: int, position: Sequence[int | None]) -> tuple[NDArray[np.intp], ...]:
    """For each axis of the picture, every input position that an output position of ``node`` reads, in order.

    ``position`` is an index of the output's dimensions (B, C, H, W); None stands for all along one: (None, None, 3, 4).
    Raises :class:`UnknownField` where the field is unknown or there is none.
    """
    lengths = _picture(graph).lengths
    found: list[list[NDArray[np.intp]]] = [[] for _ in lengths]
    for begin in range(0, max(lengths), CHUNK):
        axes = [_bits(n, begin, min(begin + CHUNK, n)) for n in lengths]
        for i, seen in enumerate(_state(graph, node, axes)):
            if seen is not None:
                words = np.ascontiguousarray(_at(seen, position), np.uint64)
                found[i].append(begin + np.flatnonzero(np.unpackbits(words.view(np.uint8), bitorder="little")))
    return tuple([np.concatenate(parts) if parts else np.zeros(0, np.intp) for parts in found])


def projective_field(graph: Graph, node: int, position: Sequence[int]) -> tuple[NDArray[np.intp], ...]:
    """For each axis of the picture, which positions of ``node``'s output along it depend on the input position (row, column), in order.

    Where all output positions along an axis see the same, one stands for all, as in :class:`~blocks.cost.receptive_field.Field`.
    Raises :class:`UnknownField` where the field is unknown or there is none, ValueError for a position outside of the picture.
    """
    lengths = _picture(graph).lengths
    if len(position) != len(lengths) or any(not 0 <= p < n for p, n in zip(position, lengths, strict=True)):
        raise ValueError(f"position = {tuple(position)!r}: must lie in a picture of {'×'.join(map(str, lengths))}")
    axes = [_bits(n, p, p + 1) for n, p in zip(lengths, position, strict=True)]
    states = _state(graph, node, axes)
    made = []
    for seen, field in zip(states, receptive_fields(graph)[node], strict=True):
        if seen is None:
            made.append(np.zeros(0, np.intp))
            continue
        together = seen.over([d for d in range(seen.rank) if d != field.dim], (0,) * seen.rank).single()
        made.append(np.flatnonzero(together.reshape(-1)))
    return tuple(made)


def _picture(graph: Graph) -> PictureInput:
    found = picture_input(graph)
    if found is None:
        raise UnknownField("no input of this network is a picture, so that there are no receptive fields")
    return found


def _bits(length: int, begin: int, end: int) -> tuple[Axis, Sets]:
    """An axis of which the positions from ``begin`` to ``end`` are followed, one bit each, with the set of each of its positions."""
    end = max(end, begin)
    words = max(1, -(-(end - begin) // 64))
    sets = np.zeros((words, length), np.uint64)
    for p in range(begin, min(end, length)):
        sets[(p - begin) // 64, p] = np.uint64(1) << np.uint64((p - begin) % 64)
    return Axis(length, BITS, tuple([int(np.bitwise_or.reduce(row)) for row in sets])), sets


def _state(graph: Graph, node: int, axes: list[tuple[Axis, Sets]]) -> tuple[Seen | None, ...]:
    state = walk_fields(graph, _picture(graph).node, axes).get((node, 0))
    if state is None:
        raise UnknownField(f"operation {node} sees nothing of the picture")
    if isinstance(state, Unknown):
        raise UnknownField(state.reason)
    return state


def _at(seen: Seen, position: Sequence[int | None]) -> Sets:
    """The set of one element: what holds it."""
    if len(position) != seen.rank:
        raise ValueError(f"position = {tuple(position)!r}: the output has {seen.rank} dimensions")
    together = seen.over([d for d, p in enumerate(position) if p is None], (0,) * seen.rank)
    words = np.zeros(len(seen.terms[0]), np.uint64)
    for term in together.terms:
        one = term
        for p, n in zip(position, term.shape[1:], strict=True):
            one = one[:, 0 if p is None or n == 1 else p]
        words |= one
    return words
