"""The app's side of a measurement: the pool of a device, and an experiment as a job for it."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from blocks.latency.measure.experiment import Experiment
from blocks.latency.measure.memory import needed_memory
from blocks.latency.measure.process_spread import combine
from blocks.workers.job import Job
from blocks.workers.pool import Pool


def measuring_pool(device: str, keep: Callable[[Job], str] | None = None) -> Pool:
    """A pool of one process that measures on ``device``; ``keep`` stores a result and returns a remark."""
    return Pool("blocks.latency.measure.jobs:MeasuringHandler", (device,), title="measuring process", keep=keep)


def measuring_job(kind: str, payload: dict[str, object], first: Experiment, session: str) -> Job:
    """A job under the limits of its first experiment; a measurement may run in several fresh processes."""
    limits = first.limits
    job = Job(uuid.uuid4().hex, kind, payload, session, limits.job_seconds, limits.memory_mb * 2**20 if limits.memory_mb else None)
    if kind == "measure" and first.processes > 1:
        job.processes, job.combine = first.processes, combine
    return job


def experiment_payload(experiment: Experiment) -> dict[str, object]:
    """What the measuring process is told of one experiment."""
    return {"experiment": experiment.to_dict(), "needed": [known_need(experiment)]}


def known_need(experiment: Experiment) -> int | None:
    """Bytes that the experiment needs, read from its trace here, as the measuring process starts faster without the analysis.

    None for a network from a file: its code runs in the measuring process only.
    """
    return None if experiment.from_file else needed_memory(experiment)
