"""Looking beside the app: one process runs networks on pictures for all sessions, within limits of time and memory."""

from __future__ import annotations

import atexit
import os
import uuid
from typing import Any

from blocks.workers.job import Job
from blocks.workers.pool import Pool

SECONDS, MEMORY = 120.0, 4 << 30  # limits of one question

#: Half of the cores, and no thread that spins while it waits for another: on a machine that pages keep busy it would wait for ever.
_THREADS = {"OMP_NUM_THREADS": str(max(1, (os.cpu_count() or 2) // 2)), "OMP_WAIT_POLICY": "PASSIVE"}

_pool = Pool("blocks.look.handler:LookingHandler", title="looking process", environment=_THREADS)


def look_in_background(kind: str, payload: dict[str, Any], session: str) -> Job:
    """Ask a question of :class:`blocks.look.handler.LookingHandler`; returns at once. ``session`` names its line in the queue: other unfinished questions of it are cancelled."""
    job = Job(uuid.uuid4().hex, kind, payload, session, seconds=SECONDS, memory=MEMORY, expires=True)
    _pool.submit(job, replace=True)
    return job


def cancel_look(job: Job) -> None:
    """End a question that waits or runs."""
    _pool.cancel(job.id)


def stop_looking() -> None:
    """End the process; the next question starts a new one."""
    _pool.stop()


atexit.register(stop_looking)
