"""One thread of a pool, and the process that it starts, watches and replaces."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from blocks.language import translatable
from blocks.workers.census import note_crash
from blocks.workers.job import Job
from blocks.workers.process import WorkerProcess

CANCEL_PATIENCE = 0.6  # seconds that a cancelled job has to end by itself before its process is killed
START_PATIENCE = 120.0  # seconds that a process has to get ready
GROWN = 2**30  # a process that holds so many bytes more than when it was fresh is replaced between jobs
_POLL = 0.05  # seconds
_log = logging.getLogger("explorer.workers")


class Employer(Protocol):
    """What a seat needs of its pool."""

    title: str

    def next_job(self, seat: Seat) -> Job | None:
        """Wait for a job; None where the seat should end."""

    def new_process(self) -> WorkerProcess:
        """Start a process."""

    def update(self, change: Callable[[], None]) -> None:
        """Change a job while no page looks at it."""

    def retry(self, job: Job) -> bool:
        """Queue a job again whose process died; False where it has been tried often enough."""

    def keep(self, job: Job) -> str:
        """Store a job's result before it counts as done; returns a remark."""


class Seat:
    """Serves jobs of ``pool`` one after the other, in a thread of its own."""

    def __init__(self, pool: Employer, name: str) -> None:
        self.pool = pool
        self.job: Job | None = None
        self.process: WorkerProcess | None = None
        self._baseline = 0
        self.thread = threading.Thread(target=self._serve_all, name=name, daemon=True)

    def _serve_all(self) -> None:
        try:
            while (job := self.pool.next_job(self)) is not None:
                try:
                    self._serve(job)
                except Exception as error:  # a fault here must end the job and not the thread
                    self._drop_process()
                    self._end(job, "failed", translatable(f"The {self.pool.title} could not be supervised: {type(error).__name__}: {error}"))
                self.job = None
        finally:
            self._drop_process()

    def _serve(self, job: Job) -> None:
        while self.job is job and not job.over:
            if job.fresh or job.processes > 1:
                self._drop_process()
            process = self._ready_process(job)
            if process is None:
                break
            self.pool.update(lambda: setattr(job, "state", "running"))
            if not process.send({"op": "job", "id": job.id, "kind": job.kind, "payload": job.payload}):
                self._died(job, process)
            else:
                self._attend(job, process)
        if job.fresh:
            self._drop_process()

    def _ready_process(self, job: Job) -> WorkerProcess | None:
        """A process that has said it is ready; None if the job is over already (cancelled, or no process would start)."""
        if self.process and (self.process.ended or self.process.resident() > self._baseline + GROWN):
            self._drop_process()
        if self.process is not None:
            return self.process
        process = self.process = self.pool.new_process()
        begin = time.monotonic()
        while True:
            message = process.next(_POLL)
            if isinstance(message, dict) and message.get("event") == "ready":
                self._baseline = process.resident()
                return process
            if message is None:
                self._died(job, process, f"The {self.pool.title} did not start. ")
                return None
            if job.cancel:
                self._stop(job, "cancelled", "Cancelled.")
                return None
            if time.monotonic() - begin > START_PATIENCE:
                self._stop(job, "failed", translatable(f"The {self.pool.title} did not start within two minutes."))
                return None

    def _attend(self, job: Job, process: WorkerProcess) -> None:
        """Follow a job until it, or its part in this process, is over."""
        begin = checked = time.monotonic()
        cancelled_at: float | None = None
        while True:
            message = process.next(_POLL)
            now = time.monotonic()
            if message is None:
                self._died(job, process)
                return
            if isinstance(message, dict) and message.get("id") == job.id and self._take(job, message):
                return
            if (job.cancel or job.abandoned) and cancelled_at is None:
                cancelled_at = now
                process.send({"op": "cancel", "id": job.id})
            if cancelled_at is not None and now - cancelled_at > CANCEL_PATIENCE:
                self._stop(job, "cancelled", translatable(f"Cancelled; the {self.pool.title} did not answer and was replaced."))
                return
            if str(job.progress.get("phase", "")).startswith("waiting"):
                begin = now  # waiting for another app's measurement is not this job's time
            if job.seconds is not None and now - begin > job.seconds:
                self._stop(job, "failed", translatable(f"Stopped after {job.seconds:g} s, the time limit of a job."))
                return
            if job.memory and now - checked > 0.1:
                checked = now
                if process.resident() > self._baseline + 1.1 * job.memory:
                    self._stop(job, "failed", translatable(f"Stopped: it took more than its memory limit of {job.memory / 1e6:.0f} MB."))
                    return

    def _take(self, job: Job, message: dict[str, Any]) -> bool:
        """Note a message; whether it ended the job, or its part in this process."""
        event = message.get("event")
        if event == "progress":
            self.pool.update(lambda: _note_progress(job, message["progress"]))
            return False
        if event == "result":
            job.parts.append(message["result"])
            if len(job.parts) < job.processes:
                return True
            job.result = job.combine(job.parts) if job.combine else job.parts[-1]
            self._end(job, "done", self.pool.keep(job))
        elif event == "cancelled":
            self._end(job, "cancelled", translatable("Cancelled."))
        else:
            self._end(job, "failed", str(message.get("sentence", translatable("The job failed."))))
        return True

    def _end(self, job: Job, state: str, message: str = "") -> None:
        self.pool.update(lambda: job.end(state, message))

    def _stop(self, job: Job, state: str, message: str) -> None:
        self._drop_process()
        self._end(job, state, message)

    def _died(self, job: Job, process: WorkerProcess, before: str = "") -> None:
        sentence = f"{before}{process.cause_of_death()} A new one starts with the next job."
        self._drop_process()
        note_crash(job.kind)
        _log.info("worker_crash", extra={"fields": {"job": job.id, "kind": job.kind, "process": process.pid, "reason": sentence}})
        job.deaths += 1
        self.job = None  # if it is tried again, any seat may take it
        if job.cancel:
            self._end(job, "cancelled", translatable("Cancelled."))
        elif not self.pool.retry(job):
            self._end(job, "failed", sentence)

    def _drop_process(self) -> None:
        process, self.process = self.process, None
        if process is not None:
            process.kill()


def _note_progress(job: Job, progress: dict[str, Any]) -> None:
    job.progress = progress
    if job.processes > 1:
        job.progress["phase"] = f"{progress.get('phase', '')}, process {len(job.parts) + 1} of {job.processes}"
        job.progress["share"] = (len(job.parts) + progress.get("share", 0.0)) / job.processes
