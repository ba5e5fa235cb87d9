"""Statistics of latencies: pure functions of samples in seconds. Nothing is assumed of their distribution.

Order-statistic intervals follow from the binomial distribution (David and Nagaraja 2003, section 7.1): the k-th smallest of n
independent samples lies below the p-quantile with probability P(Bin(n, p) >= k). Neighbouring samples are seldom independent, so
n is first reduced to the number of independent samples that would know the median as well (:func:`effective_n`).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval that holds the true value with probability ``level`` at least."""

    low: float
    high: float
    level: float = 0.95

    def relative(self, centre: float) -> float:
        """Half-width over ``centre``: 0.02 reads as plus or minus 2 %."""
        return (self.high - self.low) / 2 / centre if centre > 0 else math.inf

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def _array(samples: ArrayLike) -> Array:
    return np.asarray(samples, dtype=np.float64)


@functools.lru_cache(maxsize=4096)
def _binomial_cdf(n: int, p: float) -> Array:
    """P(Bin(n, p) <= k) for k = 0 .. n."""
    k = np.arange(n + 1)
    lgamma = np.array([math.lgamma(i + 1) for i in range(n + 1)])
    with np.errstate(divide="ignore"):
        log_pmf = lgamma[n] - lgamma[k] - lgamma[n - k] + k * math.log(p) + (n - k) * math.log1p(-p)
    return np.minimum(np.cumsum(np.exp(log_pmf)), 1.0)


@functools.lru_cache(maxsize=4096)
def quantile_ranks(n: int, p: float = 0.5, level: float = 0.95) -> tuple[int, int] | None:
    """Ranks (1-based) of the samples that enclose the p-quantile with probability ``level``; None where n is too small.

    Each side misses with probability (1 - level)/2 at most: P(X_(low) > q) = P(Bin(n, p) < low).
    """
    if n < 1:
        return None
    miss = (1 - level) / 2 + 1e-12
    cdf = _binomial_cdf(n, p)
    low = int(np.searchsorted(cdf, miss, side="right"))  # largest rank with P(Bin <= low - 1) <= miss
    high = int(np.searchsorted(cdf, 1 - miss, side="left")) + 1  # smallest rank with P(Bin <= high - 1) >= 1 - miss
    return (low, high) if low >= 1 and high <= n else None


def autocorrelation(samples: ArrayLike) -> Array:
    """Autocorrelation at lags 0 .. n-1 (the biased estimate, which is positive definite); 1, 0, 0 ... for constant samples."""
    x = _array(samples)
    n = len(x)
    x = x - x.mean()
    size = 1 << (2 * n - 1).bit_length()
    spectrum = np.fft.rfft(x, size)
    covariance = np.fft.irfft(spectrum * np.conj(spectrum), size)[:n]
    if covariance[0] <= 1e-300:
        return np.concatenate([[1.0], np.zeros(n - 1)])
    return np.asarray(covariance / covariance[0])


def correlation_time(series: ArrayLike) -> float:
    """How many neighbouring values tell as much as one independent value: 1 + 2 * (sum of autocorrelations), at least 1.

    The sum is cut by Geyer's initial positive sequence (Geyer 1992, section 3.3). Short series hide slow correlation, so the
    larger is taken of it and of the value that a first-order process with the bias-corrected lag-1 correlation would have
    (Kendall's correction r + (1 + 3r)/n), and of batch means.
    """
    x = _array(series)
    n = len(x)
    if n < 8 or np.ptp(x) == 0:
        return 1.0
    rho = autocorrelation(x)
    pairs = rho[: n // 2 * 2].reshape(-1, 2).sum(axis=1)
    cut = int(np.argmax(pairs <= 0)) if np.any(pairs <= 0) else len(pairs)
    geyer = 2 * float(np.minimum.accumulate(pairs[: max(cut, 1)]).sum()) - 1
    first = float(rho[1])
    noise = 1.64 / math.sqrt(n)  # a lag-1 correlation that independent samples show by chance must not cost anything
    corrected = min(first + (1 + 3 * first) / n, 1 - 2 / n) if first > noise else 0.0
    first_order = (1 + corrected) / (1 - corrected)
    return max(1.0, geyer if first > noise or geyer > 2 else 1.0, first_order, _batch_time(x))


def _batch_time(x: Array) -> float:
    """Variance of batch means over what independence would give; sees slow drifts and jumps. 1.0 if within chance."""
    batches = 10
    if len(x) < 8 * batches:
        return 1.0
    size = len(x) // batches
    means = x[len(x) - size * batches :].reshape(batches, size).mean(axis=1)
    ratio = float(size * means.var(ddof=1) / x.var())
    return ratio if ratio > 1.88 else 1.0  # 95 % point of chi-square(9)/9


def effective_n(samples: ArrayLike, p: float = 0.5) -> float:
    """Number of independent samples that would know the p-quantile as well as these.

    What matters is the series "is this sample above the quantile", as its mean is what the order statistics stand on. Where it is
    correlated, half a standard error of the correlation time (Sokal 1997, section 3: about time * sqrt(12 time / n)) is added, since an
    underestimate makes intervals that cover too little and an overestimate only wider ones.
    """
    x = _array(samples)
    n = len(x)
    if n < 8:
        return float(n)
    found = correlation_time((x > np.quantile(x, p)).astype(np.float64))
    return n / (found * (1 + 0.5 * math.sqrt(12 * found / n)) if found > 1 else 1.0)


def quantile_interval(samples: ArrayLike, p: float = 0.5, level: float = 0.95, n_eff: float | None = None) -> Interval | None:
    """Distribution-free interval of the p-quantile; None where there are too few (independent) samples for one.

    With ``n_eff`` independent samples among n, the ranks for n_eff are stretched to n.
    """
    x = np.sort(_array(samples))
    n = len(x)
    if n < 1:
        return None
    independent = int(min(n, effective_n(samples, p) if n_eff is None else n_eff))
    ranks = quantile_ranks(independent, p, level)
    if ranks is None:
        return None
    low, high = ranks
    stretch = n / independent
    # (low - 1) of the independent samples lie strictly below the bound: the stretched rank keeps that share, rounded outwards.
    first = max(0, math.floor((low - 1) * stretch))
    last = min(n - 1, math.ceil(high * stretch) - 1)
    return Interval(float(x[first]), float(x[last]), level)


def median_interval(samples: ArrayLike, level: float = 0.95, n_eff: float | None = None) -> Interval | None:
    """Order-statistic interval of the median; None under six independent samples (at 95 %)."""
    return quantile_interval(samples, 0.5, level, n_eff)


@dataclass(frozen=True, slots=True)
class Summary:
    """What is known of a series of samples. ``p90`` and ``p99`` are None until n allows their distribution-free interval."""

    n: int
    n_eff: float
    median: float
    interval: Interval | None
    p90: tuple[float, Interval] | None
    p99: tuple[float, Interval] | None
    minimum: float
    maximum: float


def summarise(samples: Sequence[float] | Array, level: float = 0.95) -> Summary:
    """Median with interval, tails where n allows, and extremes. Needs one sample at least."""
    x = _array(samples)
    n_eff = effective_n(x)

    def tail(p: float) -> tuple[float, Interval] | None:
        found = quantile_interval(x, p, level)
        return None if found is None else (float(np.quantile(x, p)), found)

    return Summary(len(x), n_eff, float(np.median(x)), median_interval(x, level, n_eff), tail(0.9), tail(0.99), float(x.min()), float(x.max()))


def drift(samples: ArrayLike, blocks: int = 12) -> float:
    """Relative change of the median from the first to the last third, if block medians rise or fall steadily; else 0.

    Steadily means that Kendall's tau between block number and block median has |z| > 2.6 (p < 0.01).
    """
    x = _array(samples)
    if len(x) < 4 * blocks:
        return 0.0
    medians = np.array([np.median(part) for part in np.array_split(x, blocks)])
    upper = np.triu_indices(blocks, 1)
    score = float(np.sign(medians[upper[1]] - medians[upper[0]]).sum())
    z = score / math.sqrt(blocks * (blocks - 1) * (2 * blocks + 5) / 18)
    third = max(1, blocks // 3)
    first, last = float(np.median(medians[:third])), float(np.median(medians[-third:]))
    return (last - first) / first if abs(z) > 2.6 and first > 0 else 0.0
