"""An interleaved comparison on a device whose clock is made up: the ratio is the made one, and every experiment gets as many rounds."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from blocks.latency.measure.devices import Device
from blocks.latency.measure.experiment import Experiment, Limits
from blocks.latency.measure.interleaved import ROUNDS, InterleavedComparison, run_comparison
from blocks.workers.control import JobControl

LIMITS = Limits(min_samples=6, max_samples=12, min_seconds=0.0, max_seconds=60.0, warmup_seconds=0.01)
SMALL = Experiment("squeezenet1_1", input_shape=(1, 3, 33, 35), threads=1, limits=LIMITS)
LARGE = Experiment("squeezenet1_1", input_shape=(3, 3, 33, 35), threads=1, limits=LIMITS)


class Clocked(Device):
    """Every pass takes its batch in milliseconds, with noise of a thousandth."""

    def __init__(self) -> None:
        super().__init__("cpu")
        self.noise = itertools.cycle(1 + 0.001 * np.sin(np.arange(37)))

    def interruptions(self) -> int:
        return 0

    def host_time(self, work: Callable[[], Any]) -> float:
        made = work()
        return 1e-3 * len(made) * float(next(self.noise))


def control() -> JobControl:
    return JobControl(lambda _: None, lambda: False)


def test_the_ratio_of_the_clock_is_found() -> None:
    found = run_comparison([SMALL, LARGE], Clocked(), control())
    (verdict,) = found["verdicts"]
    assert (verdict["kind"], verdict["ratio"]) == ("faster", pytest.approx(3, rel=0.01))
    assert verdict["low"] < 3.005
    assert found["rounds"] == ROUNDS * found["episodes"]
    assert [len(m["samples"]) for m in found["each"]] == [found["rounds"]] * 2
    assert [p["index"] for p in found["ranking"]] == [0, 1]
    assert found["converged"]
    assert found["inspections"] >= 1


def test_a_discarded_episode_leaves_nothing() -> None:
    comparison = InterleavedComparison([SMALL, LARGE], Clocked(), control())
    comparison.prepare()
    comparison.episode()
    kept = [list(s) for s in comparison.samples]
    comparison.episode()
    comparison.forget_episode()
    assert comparison.samples == kept
    assert (len(comparison.log_ratios), len(comparison.log_times), comparison.discarded) == (1, 1, 1)
    assert comparison.remarks()[0] == "1 episode was discarded because the clocks were lowered."
