"""What the pools do, counted."""

from __future__ import annotations

import gc
from collections import Counter

from blocks.workers import census


class Quiet:
    """A pool without work."""

    title = "a quiet pool"

    def waiting(self) -> int:
        return 0

    def states(self) -> Counter[str]:
        return Counter()

    def pids(self) -> list[int]:
        return []


def test_a_pool_is_counted_as_long_as_it_exists() -> None:
    pool = Quiet()
    census.count_pool(pool)
    assert pool in census.pools()
    del pool
    gc.collect()
    assert "a quiet pool" not in {pool.title for pool in census.pools()}


def test_ends_and_crashes_add_up() -> None:
    ended, crashed = census.ended(), census.crashed()
    for state in ("done", "done", "failed"):
        census.note_end(state)
    census.note_crash("measure")
    assert census.ended()["done"] - ended.get("done", 0) == 2
    assert census.ended()["failed"] - ended.get("failed", 0) == 1
    assert census.crashed()["measure"] - crashed.get("measure", 0) == 1
