"""The differences of a comparison, cached: every variant against the first."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from blocks.cost.diff import Diff, diff
from viz.kit.board import Side
from viz.kit.choice import Choice, analysed


class _Pair:
    """Two choices that a cache can hold."""

    def __init__(self, a: Choice, b: Choice) -> None:
        self.a, self.b = a, b

    def __hash__(self) -> int:
        return hash((self.a.key, self.b.key))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Pair) and (self.a.key, self.b.key) == (other.a.key, other.b.key)


@lru_cache(maxsize=64)
def _diff(pair: _Pair) -> Diff:
    return diff(analysed(pair.a), analysed(pair.b))


def against_first(sides: Sequence[Side]) -> list[Diff]:
    """The difference of the first variant and each further one, in order."""
    return [_diff(_Pair(sides[0].choice, side.choice)) for side in sides[1:]]
