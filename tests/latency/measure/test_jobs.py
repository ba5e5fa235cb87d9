"""The handler of the measuring process, without its process: sentences for every fault, and nothing left behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch

from blocks.knobs import KnobError
from blocks.latency.measure import jobs
from blocks.latency.measure.devices import Device
from blocks.latency.measure.experiment import Experiment, Limits
from blocks.latency.measure.jobs import MeasuringHandler, failure_sentence
from blocks.latency.measure.memory import DoesNotFit
from blocks.workers.control import JobControl

QUICK = Limits(min_samples=6, max_samples=6, min_seconds=0.0, max_seconds=1.0, warmup_seconds=0.01)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ArithmeticError("two and two\nis five"), "The network could not be run: ArithmeticError: two and two"),
        (ValueError(), "The network could not be run: ValueError: ValueError"),
        (MemoryError(), "memory on cpu ran out"),
        (torch.OutOfMemoryError("CUDA out of memory."), "memory on cpu ran out"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "memory on cpu ran out"),
    ],
)
def test_a_fault_is_one_line(error: Exception, words: str) -> None:
    said = failure_sentence(error, Device("cpu"))
    assert words in said
    assert "\n" not in said


def test_a_refusal_is_said_as_it_is() -> None:
    handler = MeasuringHandler("cpu")
    assert handler.describe(DoesNotFit("Not measured: too large.")) == "Not measured: too large."
    assert handler.describe(KnobError("dtype", "tf32", "is not here")) == str(KnobError("dtype", "tf32", "is not here"))


def test_a_job_is_done_in_this_process_too() -> None:
    handler = MeasuringHandler("cpu")
    seen: list[dict[str, Any]] = []
    experiment = Experiment("squeezenet1_1", input_shape=(2, 3, 33, 35), threads=1, limits=QUICK)
    payload = {"experiment": experiment.to_dict(), "needed": [12345]}
    try:
        found = handler.run("measure", payload, JobControl(seen.append, lambda: False))
        with pytest.raises(DoesNotFit, match="a batch of 2 needs about"):
            handler.run("measure", payload | {"needed": [10**15]}, JobControl(seen.append, lambda: False))
    finally:
        handler.clean_up()
    assert (found["n"], found["images"]) == (6, 2)
    assert [s["phase"] for s in seen if s["phase"] != "waiting"][:2] == ["checking", "building"]


def test_a_job_is_limited_and_locked_by_what_the_device_is(monkeypatch: pytest.MonkeyPatch) -> None:
    handler = MeasuringHandler("cpu")
    held: list[tuple[str, str]] = []
    limits: list[int | None] = []

    @contextmanager
    def hold(identity: str, _control: JobControl, name: str) -> Iterator[None]:
        held.append((identity, name))
        yield

    monkeypatch.setattr(jobs, "hold_device", hold)
    monkeypatch.setattr(handler.device, "identity", lambda: "card-7")
    monkeypatch.setattr(handler.device, "limit_memory", limits.append)
    experiment = Experiment("squeezenet1_1", limits=Limits(memory_mb=100))
    with pytest.raises(DoesNotFit):
        handler.run("measure", {"experiment": experiment.to_dict(), "needed": [200 * 2**20]}, JobControl(lambda _: None, lambda: False))
    handler.clean_up()
    assert held == [("card-7", "cpu")]
    assert limits == [100 * 2**20, None]
