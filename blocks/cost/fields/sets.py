"""Sets of input positions, one for each element of a tensor and each axis of the picture, and how unions of them are made.

An operation's output element sees the union of what the elements that it reads see. The sets of a whole tensor are arrays that
are constant, and of size 1, along the dimensions that do not matter: of a map (B, C, H, W) the rows that are seen are (1, 1, H, 1).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blocks.cost.fields.kept import once
from blocks.cost.fields.taps import Taps
from blocks.trace.graph import Shape

#: (what holds a set, dimension 0, dimension 1, ...)
Sets = NDArray[Any]


class NoMap(Exception):
    """It is not known which elements of its input an operation reads; the message is a whole sentence."""


@dataclass(frozen=True, slots=True)
class Algebra:
    """How a set is held in a few numbers, and the union of two."""

    union: np.ufunc
    empty: int


#: A set by its last position and its first one, negated: the union is a maximum.
HULLS = Algebra(np.maximum, -(2**30))
#: A set by bits.
BITS = Algebra(np.bitwise_or, 0)


@dataclass(frozen=True, slots=True)
class Line:
    """A map without borders: position i sees low + i·stride ... low + i·stride + size - 1; all of it where ``size`` is infinite."""

    size: float
    stride: float
    low: float

    def windowed(self, kernel: int, stride: int, padding: int, dilation: int) -> Line:
        """After a window over the positions."""
        if self.size == math.inf:
            return self
        return Line(self.size + dilation * (kernel - 1) * self.stride, self.stride * stride, self.low - padding * self.stride)

    def finer(self, factor: float) -> Line:
        """After each position was repeated."""
        return self if self.size == math.inf else Line(self.size, self.stride / factor, self.low)


EVERYTHING = Line(math.inf, math.inf, 0)


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of the picture: its ``length``, how sets are held, and the set of all positions."""

    length: int
    algebra: Algebra
    whole: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What each element of one tensor sees along one axis: the union of ``terms``, which are broadcast against each other.

    ``dim`` is the dimension that carries the axis, None where it is lost; ``line`` the map without borders, where there is one.
    """

    axis: Axis
    terms: tuple[Sets, ...]
    dim: int | None
    line: Line | None
    _over: dict[tuple[tuple[int, ...], bool], Seen] = field(default_factory=dict, repr=False)

    @property
    def rank(self) -> int:
        """Dimensions of the tensor."""
        return self.terms[0].ndim - 1

    def varies(self, dim: int) -> bool:
        """Whether the sets differ along a dimension."""
        return any(term.shape[dim + 1] > 1 for term in self.terms)

    @property
    def is_everything(self) -> bool:
        """Whether every element sees the whole axis, as :func:`everything` says it."""
        return (self.line is None or self.line is EVERYTHING) and len(self.terms) == 1 and _is_constant_whole(self.terms[0], self.axis)

    def over(self, dims: Iterable[int], shape: Shape) -> Seen:
        """Every element sees what any along ``dims`` sees; of size 1 there."""
        dims = tuple(dims)
        key = dims, self.dim in dims and shape[self.dim] > 1
        if key not in self._over:
            self._over[key] = self._all_along(*key)
        return self._over[key]

    def _all_along(self, dims: tuple[int, ...], carried: bool) -> Seen:
        union = self.axis.algebra.union
        terms: list[Sets] = []
        for term in self.terms:
            where = tuple([d + 1 for d in dims if term.shape[d + 1] > 1])
            _add(terms, union.reduce(term, axis=where, keepdims=True) if where else term, self.axis)
        return Seen(self.axis, tuple(terms), self.dim, EVERYTHING if carried else self.line)

    def gathered(self, dim: int, taps: Taps, line: Line | None) -> Seen:
        """Position i along ``dim`` sees what the positions ``taps[i]`` see; ``line`` is the new map without borders along it."""
        if taps.identity:
            return self
        if self.axis.algebra is HULLS:
            return once((id(self), dim, id(taps), line), (self, taps), lambda: self._gathered(dim, taps, line), _arrays)
        return self._gathered(dim, taps, line)

    def _gathered(self, dim: int, taps: Taps, line: Line | None) -> Seen:
        algebra = self.axis.algebra
        terms: list[Sets] = []
        for term in self.terms:
            if term.shape[dim + 1] > 1:
                made = term.take(taps.reads[0], axis=dim + 1)
                for index in taps.reads[1:]:
                    algebra.union(made, term.take(index, axis=dim + 1), out=made)
            else:
                made = term
            if taps.blank is not None:
                mask = taps.blank.reshape(-1, *[1] * (term.ndim - dim - 2))
                made = np.where(mask, made.dtype.type(algebra.empty), made)
            terms.append(made)
        kept = self.line if self.dim != dim and not self.varies(dim) else line if self.dim == dim else None
        return Seen(self.axis, tuple(terms), self.dim, kept)

    def blanked(self, mask: NDArray[np.bool_]) -> Seen:
        """Where ``mask``, broadcast against the tensor, is set, nothing is seen."""
        empty = self.axis.algebra.empty
        return self.mapped(lambda t: np.where(mask, t.dtype.type(empty), t), self.dim, self.line) if mask.any() else self

    def mapped(self, function: Any, dim: int | None, line: Line | None) -> Seen:
        """Each term through ``function``, which keeps the first dimension."""
        return Seen(self.axis, tuple([function(term) for term in self.terms]), dim, line)

    def single(self) -> Sets:
        """All terms in one array."""
        made = self.terms[0]
        for term in self.terms[1:]:
            made = self.axis.algebra.union(made, term)
        return made

    def raised(self, rank: int) -> Seen:
        """With dimensions of size 1 before it, as broadcasting adds them."""
        lead = rank - self.rank
        if lead <= 0:
            return self
        dim = None if self.dim is None else self.dim + lead
        return self.mapped(lambda t: t.reshape(t.shape[0], *[1] * lead, *t.shape[1:]), dim, self.line)

    def without(self, dims: Iterable[int]) -> Seen:
        """Dimensions of size 1 taken out."""
        gone = set(dims)
        kept = [d for d in range(self.rank) if d not in gone]
        dim = kept.index(self.dim) if self.dim in kept else None
        return self.mapped(lambda t: t.reshape(t.shape[0], *[t.shape[d + 1] for d in kept]), dim, self.line)


@lru_cache(maxsize=256)
def everything(axis: Axis, rank: int) -> Seen:
    """All elements see the whole axis."""
    dtype = np.int32 if axis.algebra is HULLS else np.uint64
    return Seen(axis, (np.array(axis.whole, dtype).reshape(-1, *[1] * rank),), None, EVERYTHING)


def joined(parts: Sequence[Seen | None], rank: int) -> Seen | None:
    """The union of what several tensors see, broadcast to ``rank`` dimensions; None where none of them sees anything."""
    found = [p.raised(rank) for p in parts if p is not None]
    if not found:
        return None
    first = found[0]
    if all(p is first for p in found[1:]):
        return first
    if first.axis.algebra is HULLS:
        return once(("joined", *map(id, found)), found, lambda: _joined(found), _arrays)
    return _joined(found)


def _joined(found: Sequence[Seen]) -> Seen:
    first = found[0]
    terms: list[Sets] = []
    for part in found:
        for term in part.terms:
            _add(terms, term, part.axis)
    return Seen(first.axis, tuple(terms), *carried_by(found))


def _arrays(seen: Seen) -> list[Sets | None]:
    return list(seen.terms)


def carried_by(parts: Sequence[Seen]) -> tuple[int | None, Line | None]:
    """Of several tensors together: the dimension that carries the axis, and the map without borders."""
    line = parts[0].line
    dims = {p.dim for p in parts}
    for part in parts[1:]:
        line = line if part.line is line else _wider(line, part.line)
    if len(dims) == 1:
        return parts[0].dim, line
    moving = {p.dim for p in parts if p.dim is not None and p.varies(p.dim)}
    return (moving.pop(), line) if len(moving) == 1 else (None, line if line is EVERYTHING else None)


def _wider(a: Line | None, b: Line | None) -> Line | None:
    if a is EVERYTHING or b is EVERYTHING:
        return EVERYTHING
    if a is None or b is None or a.stride != b.stride:
        return None
    low = min(a.low, b.low)
    return Line(max(a.low + a.size, b.low + b.size) - low, a.stride, low)


def _add(terms: list[Sets], term: Sets, axis: Axis) -> None:
    """Put ``term`` to ``terms``: into one that it fits, so that nothing grows larger than it was."""
    if terms and _is_constant_whole(term, axis):
        terms[:] = [term]
        return
    for i, other in enumerate(terms):
        if other is term or _is_constant_whole(other, axis):
            return
        if other.shape == term.shape or _fits(term.shape, other.shape) or _fits(other.shape, term.shape):
            terms[i] = axis.algebra.union(other, term)
            return
    terms.append(term)


def _fits(small: Shape, large: Shape) -> bool:
    return all(a == b or a == 1 for a, b in zip(small, large, strict=True))


def _is_constant_whole(term: Sets, axis: Axis) -> bool:
    return term.size == len(axis.whole) and tuple(term.ravel().tolist()) == axis.whole


def lineless(seen: Seen) -> Seen:
    """Without a map that knows no borders."""
    return seen if seen.line is EVERYTHING or seen.line is None else replace(seen, line=None)
