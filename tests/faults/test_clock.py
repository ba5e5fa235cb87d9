"""The clock is set back an hour: durations are of the monotonic clock, results are all there, and a sweep is not locked for an hour."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from blocks.latency.measure.devices import open_device
from blocks.latency.measure.experiment import Experiment, Limits
from blocks.latency.measure.sampling import run_measurement
from blocks.latency.store.ledger import Ledger
from blocks.latency.store.sweep_store import SweepStore
from blocks.latency.sweeps.grid import Grid
from blocks.workers.control import JobControl
from tests.latency.conftest import reported

HOUR = 3600.0


class Clock:
    """The wall clock, as somebody sets it."""

    def __init__(self) -> None:
        self.real, self.set_back = time.time, 0.0

    def time(self) -> float:
        return self.real() - self.set_back


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    made = Clock()
    monkeypatch.setattr(time, "time", made.time)
    return made


def test_a_measurement_goes_on_and_its_times_are_right(clock: Clock) -> None:
    limits = Limits(min_samples=6, max_samples=40, min_seconds=0.0, max_seconds=5.0, warmup_seconds=0.01)
    experiment = Experiment("squeezenet1_1", input_shape=(1, 3, 33, 33), threads=1, limits=limits)

    def seen(progress: dict[str, object]) -> None:
        if progress.get("phase") == "measuring":
            clock.set_back = HOUR

    before = time.perf_counter()
    found = run_measurement(experiment, open_device("cpu"), JobControl(seen, lambda: False))
    took = time.perf_counter() - before
    assert all(0 < sample < took for sample in found["samples"])


def test_results_of_before_and_after_are_all_there(clock: Clock, tmp_path: Path) -> None:
    book = Ledger(f"sqlite:///{tmp_path / 'l.sqlite'}")
    book.add("measure", "before", reported(finished_at=time.time()))
    clock.set_back = HOUR
    book.add("measure", "after", reported(finished_at=time.time()))
    assert set(book.rows()["id"]) == {"before", "after"}
    assert book.count() == 2


def test_a_sweep_whose_program_died_before_the_change_can_be_taken_up_at_once(clock: Clock, tmp_path: Path) -> None:
    store = SweepStore(Ledger(f"sqlite:///{tmp_path / 'l.sqlite'}"))
    store.create("s1", Grid(("resnet18",)), "")
    assert store.claim("s1")
    clock.set_back = HOUR
    row = store.get("s1")
    assert row is not None
    assert row["state"] == "interrupted"
    assert store.claim("s1")
    assert not store.claim("s1")
