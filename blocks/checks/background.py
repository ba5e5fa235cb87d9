"""Checks beside the app: one process serves all sessions, and a check that takes too long or too much memory ends."""

from __future__ import annotations

import atexit
import uuid
from collections.abc import Mapping, Sequence

from blocks.workers.job import Job
from blocks.workers.pool import Pool

SECONDS, MEMORY = 120.0, 4 << 30  # limits of one check

_pool = Pool("blocks.checks.handler:CheckingHandler", title="checking process", environment={"OMP_NUM_THREADS": "1"})


def check_in_background(name: str, knobs: Mapping[str, object], shape: Sequence[int], training: bool, session: str) -> Job:
    """Check an opened network; returns at once. Other unfinished checks of ``session`` are cancelled."""
    payload = {"name": name, "knobs": dict(knobs), "shape": list(shape), "training": training}
    job = Job(uuid.uuid4().hex, "check", payload, session, seconds=SECONDS, memory=MEMORY, expires=True)
    _pool.submit(job, replace=True)
    return job


def cancel_check(job: Job) -> None:
    """End a check that waits or runs."""
    _pool.cancel(job.id)


def stop_checking() -> None:
    """End the process; a check that runs is cancelled. The next check starts a new one."""
    _pool.stop()


atexit.register(stop_checking)
