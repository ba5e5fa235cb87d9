"""The calibration itself: the known difference is known, the noise has the median that it says, shares count what they say."""

from __future__ import annotations

import numpy as np
import pytest

from blocks import analyse
from scripts.calibrate import EXTRA, LAYERS, Tally, coverage, naive_interval, noise
from scripts.calibration_network import Stack


def test_the_known_difference_is_five_per_cent_of_the_work() -> None:
    counts = [analyse(Stack(layers), (16, 64)) for layers in (LAYERS, LAYERS + EXTRA)]
    for of in ("macs", "flops", "bytes_moved"):
        assert getattr(counts[1], of) / getattr(counts[0], of) == pytest.approx(1.05, rel=1e-12)


@pytest.mark.parametrize("rho", [0.0, 0.6])
def test_the_noise_has_median_one_and_its_correlation(rho: float) -> None:
    series = np.array(list(noise(60, 2000, rho, np.random.default_rng(3))))
    assert np.median(series) == pytest.approx(1.0, abs=0.01)
    quiet = np.log(np.minimum(series, 1.05))
    lag = np.mean([np.corrcoef(x[1:], x[:-1])[0, 1] for x in quiet])
    assert lag == pytest.approx(rho, abs=0.08)
    assert series.max() > 2, "hiccups"


def test_torchs_own_figures_make_the_naive_interval() -> None:
    x = np.arange(1.0, 102.0)
    low, high = naive_interval(x)
    assert (low + high) / 2 == 51.0
    assert (high - low) / 2 == pytest.approx(1.57 * 50 / 101**0.5)


def test_ours_covers_and_the_naive_does_not() -> None:
    rows = {what: (mine, naive) for what, mine, naive, _ in coverage(60, np.random.default_rng(4))}
    mine, naive = rows["correlation 0.9, n = 1000"]
    assert mine > 0.85
    assert naive < 0.7
    assert min(m for m, _ in rows.values()) > 0.8


def test_shares() -> None:
    tally = Tally(["same", "faster", "slower", "undecided"])
    assert tally.share(tally.ours, ("faster", "slower")) == 0.5
    assert Tally().share([], ("faster",)) == 0.0
