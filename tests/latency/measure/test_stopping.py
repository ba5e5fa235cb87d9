"""When a measurement stops, and what it says."""

from __future__ import annotations

import numpy as np
import pytest

from blocks.latency.measure.experiment import Limits
from blocks.latency.measure.stopping import REASONS, StoppingRule, percent, stationary, stopping_sentence


def test_a_warm_up_ends_when_times_no_longer_move() -> None:
    assert not stationary([1.0] * 11)
    assert stationary([1.0] * 12)
    assert not stationary([2.0] * 6 + [1.0] * 6)


def test_it_converges_at_the_second_narrow_inspection() -> None:
    rule = StoppingRule(Limits(min_samples=20, min_seconds=0.0))
    samples = list(1 + 1e-4 * np.random.default_rng(0).standard_normal(400))
    assert not rule.due(19, 0.0)
    assert rule.due(20, 0.0)
    assert rule.decide(samples[:20], 0.1) is None
    assert rule.decide(samples[:25], 0.1) == "converged"


@pytest.mark.parametrize(("n", "seconds", "reason"), [(30, 0.5, "sample_cap"), (20, 3.0, "time_cap")])
def test_caps_end_it(n: int, seconds: float, reason: str) -> None:
    rule = StoppingRule(Limits(min_samples=6, max_samples=30, max_seconds=3.0, target=1e-9))
    assert rule.decide(list(np.random.default_rng(1).random(n)), seconds) == reason


def test_the_sentence_has_the_numbers() -> None:
    assert stopping_sentence("converged", 0.0123, 0.02) == f"Stopped because {REASONS['converged']} (±1.2 %, asked for ±2 %)."
    assert stopping_sentence("time_cap", None, 0.02) == "Not converged: the time cap was reached first (no interval yet, asked for ±2 %)."
    assert (percent(0.0213), percent(2.13)) == ("2.1 %", "213 %")
