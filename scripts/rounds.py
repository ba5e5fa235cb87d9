"""Times taken side by side: contenders run in random order, round by round, and are compared by the ratios of their rounds."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Mapping


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock seconds that one call of ``work`` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def interleaved(contenders: Mapping[str, Callable[[], float]], rounds: int, seed: int = 0) -> dict[str, list[float]]:
    """Seconds of each contender in each round; the first call of each warms up and is thrown away.

    A contender is called without arguments and returns the seconds that it took (:func:`seconds` for plain work).
    """
    order = random.Random(seed)
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for measure in contenders.values():
        measure()
    for _ in range(rounds):
        for name in order.sample(list(contenders), len(contenders)):
            taken[name].append(contenders[name]())
    return taken


def ratio(above: list[float], below: list[float]) -> tuple[float, float, float]:
    """Median of the rounds' ratios, and the quartiles about it."""
    ratios = [a / b for a, b in zip(above, below, strict=True)]
    if len(ratios) < 2:
        return ratios[0], ratios[0], ratios[0]
    low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return middle, low, high


def quartiles_text(times: tuple[float, float, float]) -> str:
    """A ratio as text: the median, and the quartiles in brackets."""
    middle, low, high = times
    return f"{middle:6.2f} ({low:.2f}-{high:.2f})"
