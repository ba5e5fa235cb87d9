"""The largest batch that fits into a given memory: the network is traced again at a few batch sizes, and the answer is exact."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from torch import Tensor

from blocks.knobs import KnobError
from blocks.trace.errors import TraceError

#: Larger batches are not tried.
MOST_BATCH = 1 << 20
_STEPS_BY_LINE = 8
_UNITS = {"": 1, "B": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "KI": 2**10, "MI": 2**20, "GI": 2**30, "TI": 2**40}


class LargestBatch(NamedTuple):
    """``batch`` fits and takes ``needed`` bytes; one more takes ``next_needed``, which is too much (None: a larger batch than :data:`MOST_BATCH`).

    ``batch`` is 0, and so is ``needed``, where not even the smallest batch fits.
    """

    batch: int
    needed: int
    next_needed: int | None


def find_largest_batch(needed: Callable[[int], int], memory: int) -> LargestBatch:
    """The largest batch for which ``needed(batch)`` is at most ``memory`` bytes.

    Memory is nearly a straight line in the batch: the next batch to try is where the line through the last two tries meets ``memory``. Where a batch of 1
    cannot run (a batch norm that trains on one number), 2 is the smallest. Raises :class:`KnobError` for a memory below one byte.
    """
    if memory < 1:
        raise KnobError("memory", memory, "must be at least 1 byte", [2**30])
    tried: dict[int, int] = {}

    def fits(batch: int) -> bool:
        if batch not in tried:
            tried[batch] = needed(batch)
        return tried[batch] <= memory

    try:
        first = 1
        small = fits(1)
    except TraceError:
        first = 2
        small = fits(2)
    if not small:
        return LargestBatch(0, 0, tried[first])
    low, high = first, MOST_BATCH + 1  # low fits, high does not
    before, last = first, first + 1
    steps = 0
    while high - low > 1:
        last = min(max(last, low + 1), high - 1)
        low, high = (last, high) if fits(last) else (low, last)
        slope = (tried[last] - tried[before]) / (last - before)
        by_line = before + int((memory - tried[before]) / slope) if slope > 0 else MOST_BATCH
        steps += 1
        before, last = last, by_line if steps < _STEPS_BY_LINE else (low + high) // 2
    return LargestBatch(low, tried[low], tried.get(high))


def with_batch(given: Any, before: int, batch: int) -> Any:
    """``given``, inputs as :func:`blocks.trace.inputs.call_arguments` takes them, with ``batch`` where shapes begin with ``before``.

    Raises :class:`KnobError` for a tensor: its values are those of one batch.
    """
    if isinstance(given, Tensor):
        raise KnobError(
            "input_shape", tuple(given.shape), "a tensor that is handed in has its own batch; give its shape to have others tried", [tuple(given.shape)]
        )
    if isinstance(given, Mapping):
        return {name: with_batch(value, before, batch) for name, value in given.items()}
    if isinstance(given, (tuple, list)):
        if given and all(isinstance(size, int) and not isinstance(size, bool) for size in given):
            return (batch, *given[1:]) if given[0] == before else tuple(given)
        return [with_batch(value, before, batch) for value in given]
    return given


def memory_bytes(text: str) -> int:
    """Bytes of "16GiB", "80 GB", "512MiB" or a plain number of bytes. Raises :class:`KnobError` for anything else."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d*)?)\s*([KMGT]I?)?B?\s*", text.upper())
    if found is None or not float(found[1]):
        raise KnobError("memory", text, "must be an amount of memory such as 16GiB, 80GB or 512MiB", ["16GiB"])
    return int(float(found[1]) * _UNITS[found[2] or ""])
