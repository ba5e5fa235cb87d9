"""Counting beside the app: a few warm processes share the work of all sessions, piece by piece.

``submit`` returns a :class:`Job` at once; figures come in as pieces end. The processes are started when first needed, stay
warm, take turns between jobs, and end with the app. One that dies takes its piece with it: the piece is tried once more.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from blocks.space.count import Setup, Variant
from blocks.space.structure import FIGURES
from blocks.space.worker import pack
from blocks.workers.protocol import ProtocolError, receive, send

ROOT = Path(__file__).resolve().parents[2]
#: Pieces are small enough that a second process finds work and a cancelled job stops soon, large enough to share structures.
PIECE = 64


@dataclass
class _Piece:
    job: Job
    setup: Setup
    rows: list[int]
    tries: int = 0
    done: int = 0


@dataclass
class Job:
    """A count under way. ``state`` is "waiting", "running", "done", "cancelled" or "failed"; ``error`` says why it failed.

    ``figures`` has a row an item, -1 where it is not counted yet or cannot be; ``errors`` the sentence why not, by row.
    ``latency`` has the estimate in seconds on ``machine`` (not a number without one).
    """

    items: Sequence[tuple[Setup, Variant]]
    figures: np.ndarray
    machine: str = ""
    latency: np.ndarray = field(default_factory=lambda: np.empty(0))
    errors: dict[int, str] = field(default_factory=dict)
    state: str = "waiting"
    error: str = ""
    structures: int = 0
    traces: int = 0
    _left: int = 0
    _under_way: dict[int, int] = field(default_factory=dict)
    _finished_rows: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)

    @property
    def total(self) -> int:
        """Number of items."""
        return len(self.items)

    @property
    def done(self) -> int:
        """Number of items that are counted or have failed."""
        return min(self.total, self._finished_rows + sum(self._under_way.values()))

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self._ended.is_set()

    def row(self, i: int) -> dict[str, float] | None:
        """The figures of one item by name, with "latency" where a machine was named; None if it was not counted."""
        if self.figures[i, 0] < 0:
            return None
        row = {name: float(v) for name, v in zip(FIGURES, self.figures[i], strict=True)}
        return row | {"latency": float(self.latency[i])} if self.machine else row

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is over; False if ``timeout`` seconds passed before."""
        return self._ended.wait(timeout)

    def cancel(self) -> None:
        """Stop it; what has been counted stays."""
        _pool().cancel(self)


def submit(setup: Setup, variants: Sequence[Variant], *, machine: str = "") -> Job:
    """Count ``variants`` of one network in the background, and estimate their latency on ``machine`` if one is named."""
    return submit_all([(setup, v) for v in variants], machine=machine)


def submit_all(items: Sequence[tuple[Setup, Variant]], *, machine: str = "") -> Job:
    """Count variants of any networks in the background."""
    job = Job(list(items), np.full((len(items), len(FIGURES)), -1, dtype=np.int64), machine, np.full(len(items), np.nan))
    _pool().add(job)
    return job


def workers() -> int:
    """How many processes count: one a core, at most four, and one core is left to the pages where there are more than two."""
    cores = os.cpu_count() or 1
    return max(1, min(4, cores - 1 if cores > 2 else cores))


def shutdown() -> None:
    """End the processes; jobs that run are cancelled. The next job starts new ones."""
    global _shared
    with _guard:
        pool, _shared = _shared, None
    if pool is not None:
        pool.close()


# --- Inside ------------------------------------------------------------------------------------------


def _pieces(job: Job) -> list[_Piece]:
    """Items of one network and alike in what is no number stand together, so that they share structures."""

    def alike(row: int) -> tuple[str, ...]:
        setup, variant = job.items[row]
        choices = sorted((k, str(v)) for k, v in variant.knobs.items() if isinstance(v, (str, bool, tuple)))
        return (repr(setup), repr(choices))

    rows = sorted(range(job.total), key=lambda r: (alike(r), r))
    pieces: list[_Piece] = []
    for setup, members in itertools.groupby(rows, key=lambda r: job.items[r][0]):
        chosen = list(members)
        size = min(PIECE, max(8, -(-len(chosen) // (2 * workers())))) if len(chosen) < PIECE * 4 else PIECE * 4
        pieces += [_Piece(job, setup, chosen[i : i + size]) for i in range(0, len(chosen), size)]
    return pieces


class _Pool:
    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.queues: deque[deque[_Piece]] = deque()
        self.numbers = itertools.count(1)
        self.processes: dict[int, tuple[subprocess.Popen[bytes], _Piece | None, int]] = {}
        self.closed = False
        for seat in range(workers()):
            threading.Thread(target=self._serve, args=(seat,), daemon=True, name=f"count-{seat}").start()

    def add(self, job: Job) -> None:
        pieces = _pieces(job)
        job._left = len(pieces)
        with self.changed:
            if not pieces:
                _end(job, "done")
                return
            self.queues.append(deque(pieces))
            self.changed.notify_all()

    def cancel(self, job: Job) -> None:
        with self.changed:
            if job.over:
                return
            self.queues = deque(q for q in self.queues if not q or q[0].job is not job)
            for process, piece, number in self.processes.values():
                if piece is not None and piece.job is job:
                    _tell(process, {"cancel": number})
            _end(job, "cancelled")

    def close(self) -> None:
        with self.changed:
            self.closed = True
            for queue in self.queues:
                for waiting in queue:
                    _end(waiting.job, "cancelled")
            self.queues.clear()
            for process, piece, _ in self.processes.values():
                if piece is not None:
                    _end(piece.job, "cancelled")
                process.kill()
            self.changed.notify_all()

    def _next(self) -> _Piece | None:
        """The next piece, of the jobs in turn; None when the pool is closed."""
        with self.changed:
            while not self.queues and not self.closed:
                self.changed.wait()
            if self.closed:
                return None
            queue = self.queues.popleft()
            piece = queue.popleft()
            if queue:
                self.queues.append(queue)
            if not piece.job.over:
                piece.job.state = "running"
            return piece

    def _serve(self, seat: int) -> None:
        process: subprocess.Popen[bytes] | None = None
        while (piece := self._next()) is not None:
            if piece.job.over:
                continue
            if process is None or process.poll() is not None:
                process = self._start()
            number = next(self.numbers)
            with self.changed:
                if self.closed:
                    process.kill()
                    break
                self.processes[seat] = (process, piece, number)
            message = self._count(process, piece, number)
            with self.changed:
                self.processes[seat] = (process, None, 0)
            if message is None:
                process.kill()
                process = None
            self._settle(piece, message)

    @staticmethod
    def _start() -> subprocess.Popen[bytes]:
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [environment.get("PYTHONPATH")])])
        return subprocess.Popen(
            [sys.executable, "-m", "blocks.space.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, start_new_session=True
        )

    def _count(self, process: subprocess.Popen[bytes], piece: _Piece, number: int) -> dict[str, Any] | None:
        """Hand a piece over and follow it to its end; None if the process died."""
        work = {"id": number, "setup": asdict(piece.setup), "variants": [pack(piece.job.items[r][1]) for r in piece.rows], "machine": piece.job.machine}
        if not _tell(process, work):
            return None
        assert process.stdout is not None  # asked for with PIPE
        with contextlib.suppress(OSError, ValueError, ProtocolError):
            while (message := receive(process.stdout)) is not None:
                if message.get("id") != number:
                    continue
                if "end" in message:
                    return message
                piece.job._under_way[id(piece)] = message["done"]
        return None

    def _settle(self, piece: _Piece, message: dict[str, Any] | None) -> None:
        job = piece.job
        with self.changed:
            job._under_way.pop(id(piece), None)
            if job.over:
                return
            if message is None and piece.tries == 0:
                piece.tries = 1
                self.queues.append(deque([piece]))
                self.changed.notify_all()
                return
            if message is None or message["end"] == "failed":
                job.error = "The counting process ended twice on the same variants." if message is None else message["error"]
                job.errors.update(dict.fromkeys(piece.rows, job.error))
            elif message["end"] == "done":
                job.figures[piece.rows] = message["figures"]
                job.latency[piece.rows] = [np.nan if s is None else s for s in message["latency"]]
                job.errors.update({piece.rows[int(k)]: v for k, v in message["errors"].items()})
                job.structures += message["how"][0]
                job.traces += message["how"][1]
            job._finished_rows += len(piece.rows)
            job._left -= 1
            if job._left == 0:
                _end(job, "failed" if job.error else "done")


def _tell(process: subprocess.Popen[bytes], message: dict[str, Any]) -> bool:
    assert process.stdin is not None  # asked for with PIPE
    try:
        send(process.stdin, message)
    except (OSError, ValueError):
        return False
    return True


def _end(job: Job, state: str) -> None:
    if not job.over:
        job.state = state
        job._ended.set()


_guard = threading.Lock()
_shared: _Pool | None = None


def _pool() -> _Pool:
    global _shared
    with _guard:
        if _shared is None:
            _shared = _Pool()
        return _shared


atexit.register(shutdown)
