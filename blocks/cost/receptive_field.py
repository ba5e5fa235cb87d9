"""Receptive field of every operation's output: which positions of the picture one position reads, directly or through others.

An output position's field is the union of the fields of what it reads, exact at every position and border; where nobody has said
what an operation reads, the field is unknown from there on. Source of the map without borders: Dumoulin and Visin 2016, arXiv
1603.07285; Araujo et al. 2019 (Distill). What gradients reach is the check: a value of zero weight counts as not read, a dead ReLU
does not count.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from blocks.cost.fields.kept import once
from blocks.cost.fields.sets import HULLS, Line, Seen, Sets
from blocks.cost.fields.walk import State, Unknown, hull_axes, picture_input, walk_fields
from blocks.trace.graph import Graph

Positions = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Field:
    """Along one axis of the picture: position i of the output sees input positions ``first[i]`` ... ``last[i]`` (last < first: none).

    i counts along dimension ``dim`` of the output; one position stands for all where all see the same. ``size``, ``stride`` and
    ``low`` say the same without borders: low + i·stride ... low + i·stride + size - 1, where ``low`` is negative if padding is seen,
    and a field may be larger than the picture; where positions differ, they are those of the largest, the middle one of several. ``start`` is the centre of
    the first position's field. ``whole`` marks an output that sees the whole axis (global pooling, attention, a linear layer over
    positions, statistics over positions).
    """

    size: float
    stride: float
    low: float
    whole: bool = False
    first: Positions | None = field(default=None, compare=False, repr=False)
    last: Positions | None = field(default=None, compare=False, repr=False)
    dim: int | None = field(default=None, compare=False, repr=False)

    @property
    def start(self) -> float:
        """Centre of the first position's field."""
        return self.low + (self.size - 1) / 2

    def seen(self, position: int, length: int) -> tuple[int, int]:
        """First and last input position that output ``position`` sees in the picture of ``length``."""
        if self.first is not None and self.last is not None:
            at = min(position, len(self.first) - 1)
            return int(self.first[at]), int(self.last[at])
        if self.whole:
            return 0, length - 1
        first = self.low + position * self.stride
        return max(0, int(first)), min(length - 1, int(first + self.size - 1))


#: Of a picture (vertical, horizontal); of a signal one, of a volume three.
FieldPair = tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class FieldsRead:
    """The fields by node index, and for those that are unknown the reason; operations before any picture have neither."""

    found: dict[int, FieldPair]
    unknown: dict[int, Unknown]


def receptive_fields(graph: Graph) -> dict[int, FieldPair]:
    """The field of each operation's output along each axis of the picture, by node index; unknown ones are left out."""
    return read_fields(graph).found


def read_fields(graph: Graph) -> FieldsRead:
    """The field of each operation's first output, or why it is unknown."""
    read = FieldsRead({}, {})
    picture = picture_input(graph)
    if picture is None:
        return read
    states: dict[int, tuple[State, FieldPair]] = {}
    for (index, slot), state in walk_fields(graph, picture.node, hull_axes(picture.lengths)).items():
        if slot:
            continue
        if isinstance(state, Unknown):
            read.unknown[index] = state
            continue
        if id(state) not in states:
            states[id(state)] = state, tuple([_field(seen) for seen in state])
        read.found[index] = states[id(state)][1]
    return read


_NOTHING = Field(0, 0, 0, False, np.zeros(1, np.int32), np.full(1, -1, np.int32))


def _field(seen: Seen | None) -> Field:
    return _NOTHING if seen is None else once(("field", id(seen)), seen, lambda: _described(seen), lambda field: [field.first, field.last])


def _described(seen: Seen) -> Field:
    length = seen.axis.length
    if seen.is_everything:
        return _all(length, seen.dim)
    dim, sets = positions_along(seen)
    first, last = -sets[0], sets[1]
    sizes = last - first
    largest = np.flatnonzero(sizes == sizes.max())
    if sizes[largest[0]] < 0:
        return _NOTHING
    first, last = np.where(sizes < 0, 0, first), np.where(sizes < 0, -1, last)
    middle = int(largest[np.abs(largest - len(first) // 2).argmin()])
    line = seen.line
    if line is None or not _says(line, middle, int(first[middle]), int(last[middle]), length):
        line = _through(first, last, np.flatnonzero(sizes >= 0), middle)
    if (seen.line is None or seen.line.size == math.inf) and int(sizes.min()) == length - 1:
        return _all(length, dim)
    return Field(line.size, line.stride, line.low, False, first, last, dim)


def _all(length: int, dim: int | None) -> Field:
    return Field(length, length, 0, True, np.zeros(1, np.int32), np.full(1, length - 1, np.int32), dim)


def _says(line: Line, at: int, first: int, last: int, length: int) -> bool:
    """Whether a map without borders says the same of a position as the exact sets; outside of the picture it may go on."""
    if line.size == math.inf:
        return False
    low = math.floor(line.low + at * line.stride)
    high = math.floor(line.low + at * line.stride + line.size - 1)
    if low >= 0 and high < length:
        return (first, last) == (low, high)
    return low <= first and last <= high


def _through(first: Positions, last: Positions, there: NDArray[np.intp], middle: int) -> Line:
    """The line that the inner half of the positions follows."""
    a, b = int(there[len(there) // 4]), int(there[(3 * len(there)) // 4 if len(there) > 1 else 0])
    stride = (int(first[b]) + int(last[b]) - int(first[a]) - int(last[a])) / 2 / (b - a) if b > a else 0.0
    return Line(int(last[middle]) - int(first[middle]) + 1, stride, int(first[middle]) - middle * stride)


def positions_along(seen: Seen) -> tuple[int | None, Sets]:
    """The dimension that carries the axis, and the set (what holds it, position) of each position: the union over other dimensions."""
    dims = range(seen.rank)
    varying = [d for d in dims if seen.varies(d)]
    candidates = [seen.dim] if seen.dim is not None and (seen.dim in varying or not varying) else varying
    best: tuple[int | None, Sets] | None = None
    most = -1
    for dim in candidates:
        others = [d for d in varying if d != dim]
        together = seen.over(others, (0,) * seen.rank) if others else seen
        sets = together.single().reshape(len(seen.axis.whole), -1)
        spread = 0 if len(candidates) == 1 else int(np.ptp(sets[1] - sets[0])) if seen.axis.algebra is HULLS else sets.shape[1]
        if spread >= most:
            best, most = (dim, sets), spread
    return best or (seen.dim, seen.single().reshape(len(seen.axis.whole), -1))
