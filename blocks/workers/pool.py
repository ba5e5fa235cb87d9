"""A pool of supervised worker processes with one fair queue. Latency has a pool of one process per device, counting one of several."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence

from blocks.language import translatable
from blocks.workers.census import count_pool
from blocks.workers.fair_queue import FairQueue
from blocks.workers.job import Job
from blocks.workers.process import WorkerProcess
from blocks.workers.seat import Seat

IDLE = 600.0  # seconds without work after which the processes are ended
KEPT_JOBS = 1000  # jobs that are over and can still be asked for


class Pool:
    """Jobs for one handler. Every public method but :meth:`stop` returns at once: it takes a lock that nobody holds while waiting.

    ``handler`` is ``module:Class`` of a :class:`blocks.workers.serve.Handler`, ``arguments`` what it is built from. ``size`` processes
    serve it; they start when first needed. ``keep`` is called with each result before its job counts as done, in the supervising thread;
    what it returns is shown as a remark. ``title`` names a process in sentences.
    """

    def __init__(
        self, handler: str, arguments: Sequence[str] = (), *, size: int = 1, title: str = "worker process", keep: Callable[[Job], str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.handler, self.arguments, self.size, self.title = handler, tuple(arguments), size, title
        self._store, self._environment = keep, dict(environment or {})
        self._changed = threading.Condition()
        self._queue = FairQueue()
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._seats: list[Seat] = []
        self._stopping = False
        count_pool(self)

    # --- For pages: never waits ----------------------------------------------------------------

    def submit(self, *jobs: Job, replace: bool = False) -> None:
        """Queue ``jobs``; with ``replace`` the other unfinished jobs of their sessions are cancelled."""
        with self._changed:
            sessions = {job.session for job in jobs} if replace else set()
            for other in [j for j in self._jobs.values() if j.session in sessions]:
                self._cancel(other)
            for job in jobs:
                self._jobs[job.id] = job
                self._queue.add(job.session, job.id)
            self._forget_old()
            self._stopping = False
            while len(self._seats) < min(self.size, sum(s.job is not None for s in self._seats) + len(self._queue)):
                seat = Seat(self, f"{self.title} {len(self._seats) + 1}")
                self._seats.append(seat)
                seat.thread.start()
            self._changed.notify_all()

    def cancel(self, *job_ids: str) -> None:
        """Take waiting jobs out of the queue, and stop running ones within a second."""
        with self._changed:
            for job_id in job_ids:
                if job_id in self._jobs:
                    self._cancel(self._jobs[job_id])
            self._changed.notify_all()

    def find(self, job_id: str) -> tuple[Job, int] | None:
        """The job and how many are before it (0: it runs or is over); None if it is not known, or not any more."""
        with self._changed:
            job = self._jobs.get(job_id)
            if job is None:
                return None
            order = self._queue.order() if job.state == "queued" else []
            return job, (order.index(job_id) + sum(s.job is not None for s in self._seats) if job_id in order else 0)

    def pids(self) -> list[int]:
        """Process ids of the processes that live now."""
        with self._changed:
            return [seat.process.pid for seat in self._seats if seat.process is not None]

    def unfinished(self, session: str) -> int:
        """How many jobs of ``session`` wait or run."""
        with self._changed:
            return sum(job.session == session and not job.over for job in self._jobs.values())

    def waiting(self) -> int:
        """How many jobs wait."""
        with self._changed:
            return len(self._queue)

    def states(self) -> Counter[str]:
        """How many jobs are in each state; of those that are over, the ones that can still be asked for."""
        with self._changed:
            return Counter(job.state for job in self._jobs.values())

    def stop(self) -> None:
        """Cancel everything and end the processes, at the end of the app or of a test. A later job starts new ones."""
        with self._changed:
            self._stopping = True
            for job in self._jobs.values():
                self._cancel(job)
            self._changed.notify_all()
            seats = list(self._seats)
        for seat in seats:
            if seat.thread is not threading.current_thread():
                seat.thread.join(timeout=10)

    def _cancel(self, job: Job) -> None:
        if job.over:
            return
        job.cancel = True
        if self._queue.remove(job.id):
            job.end("cancelled", translatable("Cancelled before it began."))

    def _forget_old(self) -> None:
        over = [i for i, job in self._jobs.items() if job.over]
        for job_id in over[: max(0, len(self._jobs) - KEPT_JOBS)]:
            del self._jobs[job_id]

    # --- For the seats --------------------------------------------------------------------------

    def next_job(self, seat: Seat) -> Job | None:
        """Wait for work. None after :data:`IDLE` seconds without, or when stopping: then the seat ends."""
        with self._changed:
            idle_since = time.monotonic()
            while True:
                while not len(self._queue):
                    if self._stopping or time.monotonic() - idle_since > IDLE:
                        self._seats.remove(seat)
                        return None
                    self._changed.wait(timeout=5)
                job = self._jobs[str(self._queue.take())]
                if not job.abandoned:
                    job.state = "starting"
                    seat.job = job
                    return job
                job.end("cancelled", translatable("Cancelled: its page was closed."))

    def new_process(self) -> WorkerProcess:
        """Start a process."""
        return WorkerProcess(self.handler, self.arguments, self._environment, self.title)

    def update(self, change: Callable[[], None]) -> None:
        """Change a job while no page looks at it."""
        with self._changed:
            change()

    def retry(self, job: Job) -> bool:
        """Queue a job again whose process died; False where it has been tried often enough."""
        with self._changed:
            if job.deaths > job.retries or self._stopping:
                return False
            job.state = "queued"
            self._queue.add(job.session, job.id)
            self._changed.notify_all()
            return True

    def keep(self, job: Job) -> str:
        """Store a job's result before it counts as done; returns a remark."""
        return self._store(job) if self._store else ""
