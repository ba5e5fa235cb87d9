"""A against B: per-round ratios, their interval, the verdict, and a ranking with ties. Pure functions.

The unit is the *episode*: both networks are placed in fresh memory, run for a few interleaved rounds in random order, and give one
value, the median of the rounds' log ratios. Two equal networks differ by a per cent or more for as long as they stay
where they are in memory; a new placement for each episode turns that lasting difference into noise that the interval sees.
If A equals B, A and B are exchangeable, so an episode's log ratio is symmetric about 0: the signed-rank interval
(Hodges and Lehmann 1963) is then exact whatever the noise.

The interval is inspected while the rounds go on, so each inspection spends only its share of the chance of a false verdict (:func:`inspection_level`).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from blocks.language import translatable
from blocks.latency.measure.statistics import Interval

#: Numbers of episodes after which a comparison is inspected.
INSPECTIONS = (10, 14, 20, 28, 40, 56, 80, 112, 160, 224, 320, 448, 640)

#: Chance that a comparison of equals, inspected all these times, ends in a difference. Well below the 5 % that is promised, so that
#: a few dozen comparisons keep the promise too, and not only their average.
FALSE_SHARE = 0.01


def inspection_level(inspection: int) -> float:
    """Level of the interval at the inspection with this number (from 0): the inspections spend :data:`FALSE_SHARE` together, evenly."""
    return 1 - FALSE_SHARE / len(INSPECTIONS) if inspection < len(INSPECTIONS) else 1.0


@functools.lru_cache(maxsize=512)
def signed_rank_cut(n: int, level: float) -> int | None:
    """How many of the smallest (and largest) Walsh averages an interval of ``level`` leaves out; None where n is too small.

    Exact: counts the sign patterns with each rank sum; from n = 60 on the normal approximation, rounded outwards.
    """
    miss = (1 - level) / 2
    if n > 60:
        mean, spread = n * (n + 1) / 4, math.sqrt(n * (n + 1) * (2 * n + 1) / 24)
        return max(0, math.floor(mean - _normal_quantile(1 - miss) * spread))
    counts = [1] + [0] * (n * (n + 1) // 2)
    for rank in range(1, n + 1):
        for total in range(len(counts) - 1, rank - 1, -1):
            counts[total] += counts[total - rank]
    tail, cut = 0, None
    for total, count in enumerate(counts):
        tail += count
        if tail / 2**n > miss:
            break
        cut = total
    return cut


def _normal_quantile(p: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(p)


def location_interval(values: Sequence[float], level: float = 0.95) -> tuple[float, Interval | None]:
    """Hodges-Lehmann centre of independent, symmetric ``values``, and its signed-rank interval (None where n is too small)."""
    x = np.asarray(values, dtype=np.float64)
    rows, columns = np.triu_indices(len(x))
    walsh = np.sort((x[rows] + x[columns]) / 2)
    cut = signed_rank_cut(len(x), level)
    interval = None if cut is None or 2 * cut >= len(walsh) else Interval(float(walsh[cut]), float(walsh[-1 - cut]), level)
    return float(np.median(walsh)), interval


@dataclass(frozen=True, slots=True)
class ComparisonVerdict:
    """``ratio`` is time of B over time of A: above 1, A is faster.

    ``kind``: "faster" (A is), "slower", "same" (no difference larger than the margin) or "undecided".
    """

    kind: str
    ratio: float
    interval: Interval | None
    episodes: int
    more: int
    sentence: str

    @property
    def decided(self) -> bool:
        """Whether more episodes are not needed."""
        return self.kind != "undecided"


def judge(log_ratios: Sequence[float], margin: float = 0.02, level: float = 0.95, names: tuple[str, str] = ("A", "B")) -> ComparisonVerdict:
    """The verdict on ``log_ratios``, one per episode: log(time of B / time of A), at ``level``."""
    n = len(log_ratios)
    if n == 0:
        return ComparisonVerdict("undecided", 1.0, None, 0, INSPECTIONS[0], translatable(f"Not yet decided: {INSPECTIONS[0]} more episodes."))
    centre, found = location_interval(log_ratios, level)
    ratio = math.exp(centre)
    if found is None:
        more = max(1, INSPECTIONS[0] - n)
        return ComparisonVerdict("undecided", ratio, None, n, more, translatable(f"Not yet decided: {more} more episodes."))
    interval = Interval(math.exp(found.low), math.exp(found.high), level)
    kind = _kind(interval, margin)
    more = _more(n, centre, found, margin) if kind == "undecided" else 0
    return ComparisonVerdict(kind, ratio, interval, n, more, _sentence(kind, ratio, interval, margin, more, names))


def _kind(interval: Interval, margin: float) -> str:
    """A difference within the margin is called none even where it is surely not 0: "no difference larger than 2 %" is true then."""
    if 1 / (1 + margin) <= interval.low and interval.high <= 1 + margin:
        return "same"
    if interval.low > 1:
        return "faster"
    return "slower" if interval.high < 1 else "undecided"


def _more(n: int, centre: float, found: Interval, margin: float) -> int:
    """Episodes still needed if the noise stays: the half-width shrinks with the root of n."""
    half = (found.high - found.low) / 2
    edge = math.log1p(margin)
    wanted = max(abs(centre), edge - abs(centre), 0.2 * edge)
    total = n * (half / wanted) ** 2 * 1.1
    return max(2, math.ceil(total) - n)


def _sentence(kind: str, ratio: float, interval: Interval, margin: float, more: int, names: tuple[str, str]) -> str:
    a, b = names
    if kind == "same":
        return translatable(f"No difference larger than {100 * margin:.2g} % between {a} and {b}.")
    if kind == "undecided":
        so_far = translatable(f"So far {b} takes {ratio:.3f} times ({interval.low:.3f}-{interval.high:.3f}) the time of {a}.")
        if more == 1:
            return translatable(f"Not yet decided: about 1 more episode. {so_far}")
        return translatable(f"Not yet decided: about {more} more episodes. {so_far}")
    if kind == "slower":
        a, b, ratio, interval = b, a, 1 / ratio, Interval(1 / interval.high, 1 / interval.low, interval.level)
    digits = 2 if ratio >= 1.1 else 3
    return translatable(f"{a} is {ratio:.{digits}f} times ({interval.low:.{digits}f}-{interval.high:.{digits}f}) faster than {b}.")


@dataclass(frozen=True, slots=True)
class RankedVariant:
    """One variant in a ranking. ``ties`` are the variants from which it could not be told apart."""

    rank: int
    name: str
    index: int
    relative: float
    ties: tuple[int, ...]


def rank_variants(names: Sequence[str], log_times: np.ndarray, margin: float = 0.02, level: float = 0.95) -> list[RankedVariant]:
    """Fastest first. ``log_times`` has one row per episode and one column per variant; ``relative`` is time over the fastest's.

    Each pair is judged at a level divided by the number of pairs (Bonferroni). A rank is 1 + the number of variants that
    are surely faster, so variants that tie share it.
    """
    count = len(names)
    shared = 1 - (1 - level) / max(1, count * (count - 1) // 2)
    centre = [location_interval(log_times[:, i].tolist())[0] for i in range(count)]
    faster = np.zeros((count, count), dtype=bool)
    for i in range(count):
        for j in range(i + 1, count):
            kind = judge(log_times[:, j] - log_times[:, i], margin, shared).kind
            faster[i, j], faster[j, i] = kind == "faster", kind == "slower"
    best = min(range(count), key=lambda i: centre[i])
    places = []
    for i in range(count):
        ties = tuple(j for j in range(count) if j != i and not faster[i, j] and not faster[j, i])
        relative = math.exp(location_interval(log_times[:, i] - log_times[:, best])[0])
        places.append(RankedVariant(1 + int(faster[:, i].sum()), names[i], i, relative, ties))
    return sorted(places, key=lambda p: (p.rank, p.relative))
