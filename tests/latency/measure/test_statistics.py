"""Intervals that cover, effective sample sizes, reasons to stop, drift: against closed forms and against noise whose median is known."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from blocks.latency.measure.experiment import Limits
from blocks.latency.measure.statistics import (
    autocorrelation,
    correlation_time,
    drift,
    effective_n,
    median_interval,
    quantile_interval,
    quantile_ranks,
    summarise,
)
from blocks.latency.measure.stopping import REASONS, StoppingRule, percent, stationary, stopping_sentence


def binomial_cdf(k: int, n: int, p: float) -> float:
    """P(Bin(n, p) <= k), by exact binomial coefficients."""
    return sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1))


def correlated(series: int, n: int, rho: float, seed: int = 5) -> NDArray[np.float64]:
    """Series whose median is 1 and whose logarithm is a first-order process with lag-1 correlation ``rho``."""
    rng = np.random.default_rng(seed)
    now, made = rng.standard_normal(series), np.empty((n + 200, series))
    for i, step in enumerate(rng.standard_normal((n + 200, series)) * math.sqrt(1 - rho**2)):
        now = rho * now + step
        made[i] = now
    return np.exp(0.1 * made[200:].T)


# --- Order statistics ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "p"), [(6, 0.5), (7, 0.5), (20, 0.5), (101, 0.5), (1000, 0.5), (50, 0.9), (473, 0.99), (40, 0.1)])
def test_ranks_enclose_with_the_binomial_probability_and_are_the_narrowest(n: int, p: float) -> None:
    ranks = quantile_ranks(n, p)
    assert ranks is not None
    low, high = ranks
    assert binomial_cdf(low - 1, n, p) <= 0.025 + 1e-9  # the lower bound lies above the quantile
    assert 1 - binomial_cdf(high - 1, n, p) <= 0.025 + 1e-9
    assert binomial_cdf(low, n, p) > 0.025  # one rank further in would miss too often
    assert 1 - binomial_cdf(high - 2, n, p) > 0.025


@pytest.mark.parametrize(("p", "least"), [(0.5, 6), (0.9, 36), (0.99, 368)])
def test_a_quantile_has_an_interval_only_when_n_allows(p: float, least: int) -> None:
    """The largest sample must lie above the p-quantile with 97.5 %: p^n <= 0.025, and likewise below."""
    assert least == max(math.ceil(math.log(0.025) / math.log(p)), math.ceil(math.log(0.025) / math.log(1 - p)))
    assert quantile_ranks(least - 1, p) is None
    assert quantile_ranks(least, p) is not None


def test_tails_are_absent_until_n_allows() -> None:
    rng = np.random.default_rng(3)
    x = rng.exponential(size=3000)
    assert summarise(x[:35]).p90 is None
    found = summarise(x)
    assert found.p90 is not None
    assert found.p99 is not None
    assert found.p90[1].low < -math.log(0.1) < found.p90[1].high  # quantiles of the exponential distribution
    assert found.p99[1].low < -math.log(0.01) < found.p99[1].high
    assert summarise(x[:300]).p99 is None


def test_few_samples_have_no_interval() -> None:
    assert median_interval([1.0] * 5) is None
    six = median_interval([3.0, 1.0, 2.0, 6.0, 5.0, 4.0])
    assert six is not None
    assert (six.low, six.high) == (1.0, 6.0)
    assert median_interval([]) is None


def test_constant_samples_are_certain() -> None:
    found = median_interval([0.25] * 40)
    assert found is not None
    assert (found.low, found.high, found.relative(0.25)) == (0.25, 0.25, 0.0)


# --- Correlation -----------------------------------------------------------------------------------------


def test_autocorrelation_is_the_sum_of_products() -> None:
    x = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.0, 3.0])
    d = x - x.mean()
    direct = [float((d[: len(d) - k] * d[k:]).sum() / (d * d).sum()) for k in range(len(d))]
    assert autocorrelation(x) == pytest.approx(direct)
    assert autocorrelation([2.0] * 4).tolist() == [1, 0, 0, 0]


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.8])
def test_correlation_time_is_that_of_the_process(rho: float) -> None:
    expected = (1 + rho) / (1 - rho)
    found = np.median([correlation_time(np.log(x)) for x in correlated(40, 4000, rho)])
    assert expected * 0.85 <= found <= expected * 1.35


def test_blocks_of_equal_samples_count_once() -> None:
    rng = np.random.default_rng(8)
    independent = rng.standard_normal(300)
    assert effective_n(independent) > 200
    assert effective_n(np.repeat(independent, 10)) < 450


@pytest.mark.parametrize(("rho", "n"), [(0.0, 30), (0.0, 200), (0.3, 200), (0.6, 200), (0.6, 1000), (0.9, 300), (0.9, 2000)])
def test_the_interval_covers_the_known_median(rho: float, n: int) -> None:
    """Promised are 95 %; 400 series tell that from 92 % (four standard errors of the count are 4.4 %)."""
    found = [median_interval(x) for x in correlated(400, n, rho)]
    covers = [1.0 in interval for interval in found if interval is not None]
    assert len(covers) > 300
    assert np.mean(covers) >= 0.92


def test_samples_taken_for_independent_would_not_cover() -> None:
    """What the effective n is for: without it, correlated samples give intervals that miss most of the time."""
    naive = [1.0 in quantile_interval(x, n_eff=len(x)) for x in correlated(200, 500, 0.9)]  # type: ignore[operator]
    assert np.mean(naive) < 0.6


# --- Stopping --------------------------------------------------------------------------------------------


def stopped(samples: NDArray[np.float64], limits: Limits, seconds: float = 0.001) -> tuple[str, int]:
    """The reason and the number of samples, if each sample takes ``seconds``."""
    stopper = StoppingRule(limits)
    for n in range(1, len(samples) + 1):
        if stopper.due(n, n * seconds):
            reason = stopper.decide(samples[:n].tolist(), n * seconds)
            if reason:
                return reason, n
    raise AssertionError("it never stopped")


def test_looks_are_rare() -> None:
    stopper, looks = StoppingRule(Limits()), []
    for n in range(1, 5001):
        if stopper.due(n, 0.0):
            looks.append(n)
            stopper.decide([1.0, 3.0] * (n // 2) + [2.0] * (n % 2), 0.0)
    assert looks[0] == 20
    assert len(looks) < 30
    assert all(b >= 1.2 * a for a, b in pairwise(looks[:-1]))


def test_what_is_reported_as_converged_covers() -> None:
    limits = Limits(target=0.02, min_seconds=0.0, max_seconds=1e9)
    covers, reasons = [], []
    for x in correlated(120, 5000, 0.3):
        reason, n = stopped(x, limits)
        reasons.append(reason)
        if reason == "converged":
            interval = median_interval(x[:n])
            assert interval is not None
            assert interval.relative(float(np.median(x[:n]))) <= 0.02
            covers.append(1.0 in interval)
    assert len(covers) > 80
    assert np.mean(covers) >= 0.88  # 95 % less three standard errors of 100 series


def test_quiet_samples_stop_after_the_floor_of_samples_and_of_time() -> None:
    disturbances = np.full(6000, 0.01)
    reason, n = stopped(disturbances, Limits(min_samples=20, min_seconds=0.3), seconds=0.01)
    assert reason == "converged"
    assert n * 0.01 >= 0.3
    reason, n = stopped(disturbances, Limits(min_samples=50, min_seconds=0.0), seconds=0.01)
    assert n >= 50


def test_caps_are_named() -> None:
    noisy = np.random.default_rng(4).lognormal(sigma=2.0, size=400)
    assert stopped(noisy, Limits(max_samples=60, min_seconds=0.0))[0] == "sample_cap"
    assert stopped(noisy, Limits(max_seconds=0.1, min_seconds=0.0))[0] == "time_cap"


def test_noise_that_more_samples_do_not_narrow_stops_as_such() -> None:
    """A machine that is in one of two speeds for stretches of time: the interval stays as wide as their distance."""
    rng = np.random.default_rng(6)
    speeds = np.repeat(rng.choice([1.0, 1.3], size=800), 15) * rng.normal(1, 0.01, 12000)
    reason, _ = stopped(speeds, Limits(target=0.005, max_samples=12000, max_seconds=1e9, min_seconds=0.0))
    assert reason in ("stable_noise", "sample_cap")


@pytest.mark.parametrize("reason", list(REASONS))
def test_every_reason_is_a_sentence_with_the_width_reached_and_asked_for(reason: str) -> None:
    said = stopping_sentence(reason, 0.031, 0.02)
    assert "±3.1 %" in said
    assert "±2 %" in said
    assert said.endswith(".")
    assert said.startswith("Not converged" if reason.endswith("cap") else "Stopped because")
    assert "no interval yet" in stopping_sentence(reason, None, 0.02)


# --- Warm-up and drift -----------------------------------------------------------------------------------


def test_a_warm_up_goes_on_while_times_fall() -> None:
    falling = [2.0 * 0.9**i + 1.0 for i in range(60)]
    settled_at = next(n for n in range(1, 61) if stationary(falling[:n]))
    assert falling[settled_at - 1] < 1.1
    assert not stationary(falling[:12])
    assert stationary([1.0, 1.01, 0.99, 1.0, 1.02, 0.98] * 2)
    assert not stationary([1.0] * 11)


def test_drift_is_a_steady_change_and_not_noise() -> None:
    rng = np.random.default_rng(9)
    noise = rng.normal(1.0, 0.05, (200, 600))
    assert np.mean([drift(x) != 0 for x in noise]) <= 0.03  # p < 0.01 promised
    rising = noise[0] * np.linspace(1.0, 1.2, 600)
    assert drift(rising) == pytest.approx(0.13, abs=0.04)
    assert drift(rising[::-1]) < -0.08
    assert drift([1.0] * 10) == 0.0


@pytest.mark.parametrize(("share", "words"), [(0.0213, "2.1 %"), (0.31, "31 %"), (0.996, "100 %"), (2.134, "213 %"), (-1.5, "-150 %")])
def test_percentages_have_no_exponents(share: float, words: str) -> None:
    assert percent(share) == words
