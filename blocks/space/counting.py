"""Counting beside the app: a few warm processes share the work of all sessions, piece by piece.

:func:`count_in_background` returns a :class:`CountJob` at once; figures come in as pieces end. Jobs take turns. A process that dies takes
its piece with it: the piece is tried once more.
"""

from __future__ import annotations

import atexit
import itertools
import os
import threading
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from blocks.space.count import NetworkVariant, Setup
from blocks.space.handler import pack
from blocks.space.structure import COUNTED_FIGURES, DEVICE_COLUMNS
from blocks.workers.job import Job
from blocks.workers.pool import Pool

#: Pieces are small enough that a second process finds work and a cancelled job stops soon, large enough to share structures.
PIECE = 64


@dataclass
class CountJob:
    """A count under way. ``state`` is "waiting", "running", "done", "cancelled" or "failed"; ``error`` says why it failed.

    ``figures`` has one row per item, -1 where it is not counted yet or cannot be; ``errors`` the sentence why not, by row.
    ``latency`` has the estimate in seconds on ``machine`` (nan without one), ``times`` the :data:`~blocks.space.structure.DEVICE_COLUMNS` on ``device``.
    """

    items: Sequence[tuple[Setup, NetworkVariant]]
    figures: np.ndarray
    machine: str = ""
    latency: np.ndarray = field(default_factory=lambda: np.empty(0))
    device: str = ""
    times: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    errors: dict[int, str] = field(default_factory=dict)
    error: str = ""
    structures: int = 0
    traces: int = 0
    _pieces: list[Job] = field(default_factory=list)
    _finished_rows: int = 0
    _final: str = ""
    _ended: threading.Event = field(default_factory=threading.Event)

    @property
    def state(self) -> str:
        """See the class."""
        return self._final or ("waiting" if all(piece.state == "queued" for piece in self._pieces) else "running")

    @property
    def total(self) -> int:
        """Number of items."""
        return len(self.items)

    @property
    def done(self) -> int:
        """Number of items that are counted or have failed."""
        return min(self.total, self._finished_rows + sum(piece.progress.get("done", 0) for piece in self._pieces if not piece.over))

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self._ended.is_set()

    def row(self, i: int) -> dict[str, float] | None:
        """The figures of one item by name, with "latency" where a machine was named and :data:`~blocks.space.structure.DEVICE_COLUMNS` where a device was; None if it was not counted."""
        if self.figures[i, 0] < 0:
            return None
        row = {name: float(v) for name, v in zip(COUNTED_FIGURES, self.figures[i], strict=True)}
        if self.machine:
            row["latency"] = float(self.latency[i])
        return row | {name: float(v) for name, v in zip(DEVICE_COLUMNS, self.times[i], strict=True)} if self.device else row

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is over; False if ``timeout`` seconds passed before."""
        return self._ended.wait(timeout)

    def cancel(self) -> None:
        """Stop it; what has been counted stays."""
        self._end("cancelled")
        _pool.cancel(*(piece.id for piece in self._pieces))

    def _end(self, state: str) -> None:
        if not self.over:
            self._final = state
            self._ended.set()

    def _settle(self, piece: Job, rows: list[int]) -> None:
        """Take in what became of a piece. The pool calls this once per piece, one at a time."""
        result, piece.result = piece.result, None
        piece.parts.clear()
        if self.over:
            return
        if result is not None:
            self.figures[rows] = result["figures"]
            self.latency[rows] = [np.nan if s is None else s for s in result["latency"]]
            if self.device:
                self.times[rows] = [[np.nan if s is None else s for s in row] for row in result["device"]]
            self.errors.update({rows[int(k)]: v for k, v in result["errors"].items()})
            self.structures += result["structures"]
            self.traces += result["traces"]
        elif piece.state == "cancelled":
            self._end("cancelled")
        else:
            self.error = "The counting process ended twice on the same variants." if piece.deaths > 1 else piece.message
            self.errors.update(dict.fromkeys(rows, self.error))
        self._finished_rows += len(rows)
        if self._finished_rows == self.total:
            self._end("failed" if self.error else "done")


def count_in_background(setup: Setup, variants: Sequence[NetworkVariant], *, machine: str = "", device: str = "") -> CountJob:
    """Count ``variants`` of one network, and estimate their latency on ``machine`` if one is named, and on ``device`` (:func:`blocks.latency.devices.asked.device_text`)."""
    return count_all_in_background([(setup, v) for v in variants], machine=machine, device=device)


def count_all_in_background(items: Sequence[tuple[Setup, NetworkVariant]], *, machine: str = "", device: str = "") -> CountJob:
    """Count variants of any networks."""
    figures, times = np.full((len(items), len(COUNTED_FIGURES)), -1, dtype=np.int64), np.full((len(items), len(DEVICE_COLUMNS)), np.nan)
    job = CountJob(list(items), figures, machine, np.full(len(items), np.nan), device, times)
    session = uuid.uuid4().hex  # a line of its own in the queue: jobs take turns
    job._pieces = [_piece(job, setup, rows, session) for setup, rows in _divided(job.items)]
    if job._pieces:
        _pool.submit(*job._pieces)
    else:
        job._end("done")
    return job


def _piece(job: CountJob, setup: Setup, rows: list[int], session: str) -> Job:
    payload: dict[str, object] = {"setup": asdict(setup), "variants": [pack(job.items[r][1]) for r in rows], "machine": job.machine, "device": job.device}
    return Job(uuid.uuid4().hex, "count", payload, session, retries=1, on_end=lambda piece: job._settle(piece, rows))


def _divided(items: Sequence[tuple[Setup, NetworkVariant]]) -> list[tuple[Setup, list[int]]]:
    """Rows of ``items`` in pieces. Items of one network with the same choices stand together, so that they share structures."""

    def alike(row: int) -> tuple[str, ...]:
        setup, variant = items[row]
        choices = sorted((k, str(v)) for k, v in variant.knobs.items() if isinstance(v, (str, bool, tuple)))
        return (repr(setup), repr(choices))

    rows = sorted(range(len(items)), key=lambda r: (alike(r), r))
    pieces: list[tuple[Setup, list[int]]] = []
    for setup, members in itertools.groupby(rows, key=lambda r: items[r][0]):
        chosen = list(members)
        size = min(PIECE, max(8, -(-len(chosen) // (2 * counting_processes())))) if len(chosen) < PIECE * 4 else PIECE * 4
        pieces += [(setup, chosen[i : i + size]) for i in range(0, len(chosen), size)]
    return pieces


def counting_processes() -> int:
    """How many processes count: one per core, at most four, and one core is left to the pages where there are more than two."""
    cores = os.cpu_count() or 1
    return max(1, min(4, cores - 1 if cores > 2 else cores))


_pool = Pool("blocks.space.handler:CountingHandler", size=counting_processes(), title="counting process", environment={"OMP_NUM_THREADS": "1"})


def stop_counting() -> None:
    """End the processes; jobs that run are cancelled. The next job starts new ones."""
    _pool.stop()


atexit.register(stop_counting)
