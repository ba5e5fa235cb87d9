"""What a measuring process does: the jobs that it knows, and the sentence for everything that can go wrong with one."""

from __future__ import annotations

import gc
import traceback
from collections.abc import Callable
from typing import Any

import torch

from blocks.knobs import KnobError
from blocks.language import translatable
from blocks.latency.measure import interleaved, profile, sampling
from blocks.latency.measure.device_lock import hold_device
from blocks.latency.measure.devices import Device, check_supported, open_device
from blocks.latency.measure.experiment import Experiment
from blocks.latency.measure.memory import DoesNotFit, check_memory
from blocks.workers.control import JobControl

SHARE_OF_FREE = 0.8  # of the free memory that a job may take unless it says otherwise


class MeasuringHandler:
    """The handler of the measuring process of one device (:class:`blocks.workers.serve.Handler`)."""

    niceness = 0

    def __init__(self, device: str) -> None:
        self.device = open_device(device)
        self.device.occupy()

    def run(self, kind: str, payload: dict[str, object], control: JobControl) -> dict[str, object]:
        """One job, when the device is free: no other program of this kind measures on it meanwhile."""
        with hold_device(self.device.identity(), control, self.device.device):
            control.report(phase="checking", n=0)
            return _JOBS[kind](payload, self.device, control)

    def describe(self, error: Exception) -> str:
        """The sentence that a page shows."""
        if isinstance(error, (KnobError, DoesNotFit)):
            return str(error)
        if not isinstance(error, MemoryError):
            traceback.print_exception(error)
        return failure_sentence(error, self.device)

    def clean_up(self) -> None:
        """Lift the job's memory limit and free what it held."""
        self.device.limit_memory(None)
        gc.collect()
        self.device.release()


def failure_sentence(error: Exception, device: Device) -> str:
    """What a page says about an error of torch or of a measured network: its kind and its first line."""
    text = (str(error).strip() or type(error).__name__).splitlines()[0]
    out_of_memory = isinstance(error, (MemoryError, torch.OutOfMemoryError)) or "out of memory" in text.lower()
    if out_of_memory or "can't allocate memory" in text or "not enough memory" in text:
        return translatable(f"Not measured: memory on {device.device} ran out under the job's limit. A smaller batch or input would fit.")
    return translatable(f"The network could not be run: {type(error).__name__}: {text[:300]}")


def _limited(memory_mb: int | None, device: Device) -> int:
    """Set this job's memory limit, and return it in bytes."""
    allowed = memory_mb * 2**20 if memory_mb else int(SHARE_OF_FREE * device.memory_free())
    device.limit_memory(allowed)
    return allowed


def _ready(experiments: list[Experiment], needed: list[int | None], device: Device) -> None:
    """Refuse what the device cannot do or memory cannot hold, before anything is allocated. ``needed``: bytes of each, None if unknown."""
    for experiment in experiments:
        check_supported(experiment)
    allowed = _limited(experiments[0].limits.memory_mb, device)
    for experiment, size in zip(experiments, needed, strict=True):
        check_memory(experiment, device, allowed, size)


def _measure(payload: dict[str, Any], device: Device, control: JobControl) -> dict[str, object]:
    experiment = Experiment.from_dict(payload["experiment"])
    _ready([experiment], payload["needed"], device)
    return sampling.run_measurement(experiment, device, control)


def _compare(payload: dict[str, Any], device: Device, control: JobControl) -> dict[str, object]:
    experiments = [Experiment.from_dict(e) for e in payload["experiments"]]
    _ready(experiments, payload["needed"], device)
    return interleaved.run_comparison(experiments, device, control)


def _profile(payload: dict[str, Any], device: Device, control: JobControl) -> dict[str, object]:
    experiment = Experiment.from_dict(payload["experiment"])
    profile.check_profilable(experiment)
    _ready([experiment], payload["needed"], device)
    return profile.run_profile(experiment, device, control)


def _probe(payload: dict[str, object], device: Device, control: JobControl) -> dict[str, object]:
    _limited(None, device)
    from blocks.latency.roofline import microbenchmarks  # here: pandas and the analysis take a second to import, and few jobs need them

    return microbenchmarks.run_microbenchmarks(payload, device, control)


_JOBS: dict[str, Callable[[dict[str, object], Device, JobControl], dict[str, object]]] = {
    "measure": _measure,
    "compare": _compare,
    "profile": _profile,
    "probe": _probe,
}
