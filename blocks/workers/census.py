"""What all pools of this process do, counted: for whoever watches the app."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from typing import Protocol
from weakref import WeakSet


class CountedPool(Protocol):
    """What is asked of a pool."""

    title: str

    def waiting(self) -> int:
        """How many jobs wait."""

    def states(self) -> Mapping[str, int]:
        """How many jobs it knows in each state."""

    def pids(self) -> list[int]:
        """Process ids of the processes that live now."""


_pools: WeakSet[CountedPool] = WeakSet()
_lock = threading.Lock()
_ended: Counter[str] = Counter()  # by state
_crashed: Counter[str] = Counter()  # by the kind of job


def count_pool(pool: CountedPool) -> None:
    """Count ``pool`` from now on."""
    with _lock:
        _pools.add(pool)


def pools() -> list[CountedPool]:
    """The pools that exist, by title."""
    with _lock:
        return sorted(_pools, key=lambda pool: pool.title)


def note_end(state: str) -> None:
    """A job is over."""
    with _lock:
        _ended[state] += 1


def note_crash(kind: str) -> None:
    """A process died under a job of this kind."""
    with _lock:
        _crashed[kind] += 1


def ended() -> dict[str, int]:
    """How many jobs ended in each state since the start."""
    with _lock:
        return dict(_ended)


def crashed() -> dict[str, int]:
    """How many processes died under a job since the start, by the job's kind."""
    with _lock:
        return dict(_crashed)
