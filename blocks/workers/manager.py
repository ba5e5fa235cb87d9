"""One manager a device: a fair queue, a supervising thread, and the measuring process that it starts, watches and replaces."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from blocks.workers.fair_queue import FairQueue
from blocks.workers.process import WorkerProcess

CANCEL_PATIENCE = 0.6  # seconds that a cancelled job has to end by itself before its process is killed
FORGOTTEN = 150.0  # seconds after which a browser session's job that nobody asks for is cancelled: its page was closed
IDLE = 600.0  # seconds without work after which the process is ended
KEPT_JOBS = 1000
GROWN = 2**30  # a process that holds so many bytes more than when it was fresh is replaced between jobs

FINAL = frozenset({"done", "failed", "cancelled"})


@dataclass
class Job:
    """One job in the app's memory. ``state`` is queued, starting, running, done, failed or cancelled.

    ``fresh``: it gets a process that nobody used before and nobody uses after. ``processes``: it is run so many times, each in a fresh
    one, and ``combine`` makes one result of theirs; ``seconds`` is the limit of each.
    """

    id: str
    kind: str
    payload: dict[str, Any]
    session: str
    seconds: float
    memory: int | None
    fresh: bool = False
    processes: int = 1
    combine: Callable[[list[dict[str, Any]]], dict[str, Any]] | None = None
    parts: list[dict[str, Any]] = field(default_factory=list)
    state: str = "queued"
    message: str = ""
    progress: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] | None = None
    cancel: bool = False
    asked: float = field(default_factory=time.monotonic)
    submitted: float = field(default_factory=time.time)
    finished: threading.Event = field(default_factory=threading.Event)

    @property
    def forgotten(self) -> bool:
        """Whether it was asked for by a page that is gone. Programs ("local") and sweeps wait for their results by themselves."""
        return self.session != "local" and not self.session.startswith("sweep") and time.monotonic() - self.asked > FORGOTTEN


class Manager:
    """Jobs of one device. Every public method returns at once: it takes a lock that nobody holds while waiting."""

    def __init__(self, device: str, keep: Callable[[Job], str] | None = None) -> None:
        self.device = device
        self.keep = keep  # called in the supervising thread with each measured job before it counts as done; returns a remark
        self._changed = threading.Condition()
        self._queue = FairQueue()
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._running: Job | None = None
        self._thread: threading.Thread | None = None
        self._process: WorkerProcess | None = None
        self._baseline = 0
        self._stopping = False

    # --- For pages: never waits ----------------------------------------------------------------

    def submit(self, job: Job, replace: bool = False) -> None:
        """Queue ``job``; with ``replace`` the session's other unfinished jobs here are cancelled."""
        with self._changed:
            if replace:
                for other in self._jobs.values():
                    if other.session == job.session and other.state not in FINAL:
                        self._cancel(other)
            self._jobs[job.id] = job
            self._forget_old()
            self._queue.add(job.session, job.id)
            if self._thread is None or not self._thread.is_alive():
                self._stopping = False
                self._thread = threading.Thread(target=self._supervise, name=f"latency-{self.device}", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def cancel(self, job_id: str) -> None:
        """Take a waiting job out of the queue, or stop the running one within a second."""
        with self._changed:
            if job_id in self._jobs:
                self._cancel(self._jobs[job_id])
            self._changed.notify_all()

    def look(self, job_id: str) -> tuple[Job, int] | None:
        """The job and how many are before it (0: it runs or is over); None if it is not known (any more)."""
        with self._changed:
            job = self._jobs.get(job_id)
            if job is None:
                return None
            order = self._queue.order() if job.state == "queued" else []
            return job, (order.index(job_id) + (self._running is not None) if job_id in order else 0)

    def worker_pid(self) -> int | None:
        """Process id of the measuring process; None while there is none."""
        process = self._process
        return process.pid if process else None

    def waiting(self) -> int:
        """How many jobs wait."""
        with self._changed:
            return len(self._queue)

    def stop(self) -> None:
        """Cancel everything and end the process (at the end of the app, or of a test)."""
        with self._changed:
            self._stopping = True
            for job in self._jobs.values():
                if job.state not in FINAL:
                    self._cancel(job)
            self._changed.notify_all()
            thread = self._thread
        if thread and thread is not threading.current_thread():
            thread.join(timeout=10)

    def _cancel(self, job: Job) -> None:
        if job.state in FINAL:
            return
        job.cancel = True
        if self._queue.remove(job.id):
            self._end(job, "cancelled", "Cancelled before it began.")

    def _forget_old(self) -> None:
        over = [i for i, job in self._jobs.items() if job.state in FINAL]
        for job_id in over[: max(0, len(self._jobs) - KEPT_JOBS)]:
            del self._jobs[job_id]

    @staticmethod
    def _end(job: Job, state: str, message: str = "") -> None:
        job.state, job.message = state, message
        job.finished.set()

    # --- The supervising thread -----------------------------------------------------------------

    def _supervise(self) -> None:
        try:
            while True:
                job = self._next_job()
                if job is None:
                    return
                try:
                    self._serve(job)
                except Exception as error:  # a fault here must end the job and not the thread
                    self._drop_process()
                    self._finish(job, "failed", f"The measurement could not be supervised: {type(error).__name__}: {error}")
                with self._changed:
                    self._running = None
        finally:
            self._drop_process()

    def _next_job(self) -> Job | None:
        """Wait for work. None after :data:`IDLE` seconds, or when stopping: then the thread ends."""
        with self._changed:
            idle_from = time.monotonic()
            while not len(self._queue):
                if self._stopping or time.monotonic() - idle_from > IDLE:
                    self._thread = None
                    return None
                self._changed.wait(timeout=5)
            job = self._jobs[str(self._queue.take())]
            if job.forgotten:
                self._end(job, "cancelled", "Cancelled: its page was closed.")
                return job
            job.state = "starting"
            self._running = job
            return job

    def _serve(self, job: Job) -> None:
        while job.state not in FINAL:
            if job.fresh or job.processes > 1:
                self._drop_process()
            process = self._ready_process(job)
            if process is None:
                return
            with self._changed:
                job.state = "running"
            if process.send({"op": "job", "id": job.id, "kind": job.kind, "payload": job.payload}):
                self._attend(job, process)
            else:
                self._mourn(job, process)
        if job.fresh:
            self._drop_process()

    def _ready_process(self, job: Job) -> WorkerProcess | None:
        """A process that has said it is ready; None if the job is over already (cancelled, or no process would start)."""
        stale = self._process and (self._process.popen.poll() is not None or self._process.resident() > self._baseline + GROWN)
        if stale:
            self._drop_process()
        if self._process is not None:
            return self._process
        process = self._process = WorkerProcess(self.device)
        begin = time.monotonic()
        while True:
            message = process.next(0.05)
            if isinstance(message, dict) and message.get("event") == "ready":
                self._baseline = process.resident()
                return process
            if message is None:
                self._mourn(job, process, "The measuring process did not start. ")
                return None
            if job.cancel:
                self._drop_process()
                self._finish(job, "cancelled", "Cancelled.")
                return None
            if time.monotonic() - begin > 120:
                self._drop_process()
                self._finish(job, "failed", "The measuring process did not start within two minutes.")
                return None

    def _attend(self, job: Job, process: WorkerProcess) -> None:
        begin = time.monotonic()
        asked: float | None = None
        checked = begin
        while True:
            message = process.next(0.05)
            now = time.monotonic()
            if message is None:
                self._mourn(job, process)
                return
            if isinstance(message, dict) and message.get("id") == job.id and self._take(job, message):
                return
            if (job.cancel or job.forgotten) and asked is None:
                asked = now
                process.send({"op": "cancel", "id": job.id})
            if asked is not None and now - asked > CANCEL_PATIENCE:
                self._drop_process()
                self._finish(job, "cancelled", "Cancelled; the measuring process did not answer and was replaced.")
                return
            if str(job.progress.get("phase", "")).startswith("waiting"):
                begin = now  # waiting for another app's turn is not this job's time
            if now - begin > job.seconds:
                self._drop_process()
                self._finish(job, "failed", f"Stopped after {job.seconds:g} s, the time limit of a job.")
                return
            if job.memory and now - checked > 0.1:
                checked = now
                if process.resident() > self._baseline + 1.1 * job.memory:
                    self._drop_process()
                    self._finish(job, "failed", f"Stopped: it took more than its memory limit of {job.memory / 1e6:.0f} MB.")
                    return

    def _take(self, job: Job, message: dict[str, Any]) -> bool:
        """Note a message; whether it ended the job, or its part in this process."""
        event = message.get("event")
        if event == "progress":
            with self._changed:
                job.progress = message["progress"]
                if job.processes > 1:
                    job.progress["phase"] = f"{job.progress.get('phase', '')}, process {len(job.parts) + 1} of {job.processes}"
                    job.progress["share"] = (len(job.parts) + job.progress.get("share", 0.0)) / job.processes
            return False
        if event == "result":
            job.parts.append(message["result"])
            if len(job.parts) < job.processes:
                return True
            job.result = job.combine(job.parts) if job.combine else job.parts[-1]
            remark = self.keep(job) if self.keep else ""
            self._finish(job, "done", remark)
        elif event == "cancelled":
            self._finish(job, "cancelled", "Cancelled.")
        else:
            self._finish(job, "failed", str(message.get("sentence", "The measurement failed.")))
        return True

    def _finish(self, job: Job, state: str, message: str = "") -> None:
        with self._changed:
            if job.state not in FINAL:
                self._end(job, state, message)

    def _mourn(self, job: Job, process: WorkerProcess, before: str = "") -> None:
        sentence = before + process.epitaph() + " A new one starts with the next job."
        self._drop_process()
        self._finish(job, "cancelled" if job.cancel else "failed", "Cancelled." if job.cancel else sentence)

    def _drop_process(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
