"""Fields that were worked out before: networks that differ in a width share them all, those that differ in a kernel most of them.

A set is told apart as an object, not by what it holds: what is kept holds all that its key names, so that no other object gets the same ``id`` meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from numpy.typing import NDArray

from blocks.trace.memo import Bounded

_T = TypeVar("_T")
#: Bytes of all that is kept; a network as deep as ResNet-50 takes some hundred thousand.
MOST_FIELD_BYTES = 32 << 20
_BESIDE = 500  # bytes of an entry beside its arrays
_kept: Bounded[tuple[Any, Any]] = Bounded(MOST_FIELD_BYTES)


def once(key: Hashable, held: object, make: Callable[[], _T], arrays: Callable[[_T], list[NDArray[Any] | None]]) -> _T:
    """What ``make()`` gives, kept under ``key``, whose objects are ``held``; ``arrays`` are those of the result, by which it is weighed."""
    found = _kept.used(key)
    if found is not None:
        made: _T = found[1]
        return made
    made = make()
    _kept.put(key, (held, made), _BESIDE + sum(array.nbytes for array in arrays(made) if array is not None))
    return made


def forget_fields() -> None:
    """Work everything out anew from now on; for measuring and tests."""
    _kept.clear()
