"""The jobs that a measuring process knows, and the sentence for everything that can go wrong with one."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any, Protocol

import torch

from blocks.knobs import KnobError
from blocks.latency.measure import device_lock, devices, interleaved, profile, sampling
from blocks.latency.measure.devices import Device
from blocks.latency.measure.experiment import Experiment
from blocks.latency.measure.memory import DoesNotFit
from blocks.latency.measure.workload import check_memory


class Postman(Protocol):
    """What a job needs of the process around it."""

    cancelled: set[str]

    def say(self, **message: Any) -> None:
        """Send to the app."""


def answer(job: dict[str, Any], device: Device, post: Postman) -> dict[str, Any]:
    """Run one job; always answers: event "result", "cancelled" or "failed" with a sentence."""
    run = sampling.Run(lambda progress: post.say(event="progress", id=job["id"], progress=progress), lambda: job["id"] in post.cancelled)
    try:
        with device_lock.taken(device.device, run):
            run.say(phase="checking", n=0)
            return {"event": "result", "result": KINDS[job["kind"]](job["payload"], device, run)}
    except sampling.Cancelled:
        return {"event": "cancelled"}
    except (KnobError, DoesNotFit) as error:
        return {"event": "failed", "sentence": str(error)}
    except MemoryError:
        return {"event": "failed", "sentence": _out_of_memory(device)}
    except Exception as error:  # a measured network may raise anything
        traceback.print_exc()
        return {"event": "failed", "sentence": sentence_for(error, device)}
    finally:
        limit(None, device)


def sentence_for(error: Exception, device: Device) -> str:
    """What a page says about an error of torch or of a measured network: its kind and its first line."""
    text = (str(error).strip() or type(error).__name__).splitlines()[0]
    if isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in text or "not enough memory" in text or "out of memory" in text.lower():
        return _out_of_memory(device)
    return f"The network could not be run: {type(error).__name__}: {text[:300]}"


def _out_of_memory(device: Device) -> str:
    return f"Not measured: memory on {device.device} ran out under the job's limit. A smaller batch or input would fit."


def limit(memory_mb: int | None, device: Device, share: float = 0.8) -> int | None:
    """Set this job's memory limit; returns it in bytes. ``None`` takes an earlier one away."""
    from blocks.latency.measure.worker import limit_memory

    if memory_mb is None:
        limit_memory(None)
        return None
    allowed = memory_mb * 2**20 if memory_mb else int(share * device.memory_free())
    if device.device == "cpu":
        limit_memory(allowed)
    return allowed


def _ready(experiments: list[Experiment], device: Device) -> None:
    """Refuse what the device cannot do or memory cannot hold, before anything is allocated."""
    for experiment in experiments:
        devices.check(experiment)
    allowed = limit(experiments[0].limits.memory_mb or 0, device)
    for experiment in experiments:
        check_memory(experiment, device, allowed)


def _measure(payload: dict[str, Any], device: Device, run: sampling.Run) -> dict[str, Any]:
    experiment = Experiment.from_dict(payload["experiment"])
    _ready([experiment], device)
    return sampling.measure(experiment, device, run)


def _compare(payload: dict[str, Any], device: Device, run: sampling.Run) -> dict[str, Any]:
    experiments = [Experiment.from_dict(e) for e in payload["experiments"]]
    _ready(experiments, device)
    return interleaved.compare(experiments, device, run)


def _profile(payload: dict[str, Any], device: Device, run: sampling.Run) -> dict[str, Any]:
    experiment = Experiment.from_dict(payload["experiment"])
    profile.check(experiment)
    _ready([experiment], device)
    return profile.profile(experiment, device, run)


def _probe(payload: dict[str, Any], device: Device, run: sampling.Run) -> dict[str, Any]:
    limit(0, device)
    from blocks.latency.roofline import microbenchmarks  # here: analysing takes a second to import, and few jobs probe

    return microbenchmarks.probe(payload, device, run)


KINDS: dict[str, Callable[[dict[str, Any], Device, sampling.Run], dict[str, Any]]] = {
    "measure": _measure,
    "compare": _compare,
    "profile": _profile,
    "probe": _probe,
}
