"""Sweeps: a grid of experiments, one after the other, that can be paused, closed and resumed without measuring anything twice.

    from blocks.latency.sweeps import sweep
    from blocks.latency.sweeps.grid import Grid

    name = sweep.start_sweep(Grid(("mobilenet_v2",), {"width_mult": (0.5, 1.0)}, batches=(1, 8)))    # on this machine
    name = sweep.start_sweep(grid, cluster="auto")     # on a Ray cluster; EXPLORER_RAY_ADDRESS is the default
    sweep.sweep_progress(name)                          # .state .done .total .left .table; never waits
    sweep.pause_sweep(name); sweep.resume_sweep(name)        # also after a restart; sweep.known_sweeps() lists what the ledger has

A cell is done when the ledger has its experiment, measured by any program on this machine with this torch: that is all the state there is.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from blocks.knobs import KnobError
from blocks.language import translatable
from blocks.latency.store.ledger import Ledger, LedgerError, ledger
from blocks.latency.store.sweep_store import BEAT, SweepStore
from blocks.latency.sweeps.backends import Backend, open_backend
from blocks.latency.sweeps.grid import Grid, SweepCell

RAY_ADDRESS_VARIABLE = "EXPLORER_RAY_ADDRESS"
POLL = 0.1

_runners: dict[str, Runner] = {}
_guard = threading.Lock()


@dataclass(frozen=True, slots=True)
class SweepProgress:
    """How a sweep stands. ``left`` is an estimate of the seconds that remain, None until a cell was measured.

    ``state``: running, paused, done, interrupted (its program ended), or failed (``message`` says why). ``table`` has one row per cell: the
    axes, then state (waiting, running, done, failed, impossible), median, low, high (seconds), images_per_second, joules_per_image, message.
    """

    sweep: str
    title: str
    state: str
    total: int
    done: int
    failed: int
    left: float | None
    table: pd.DataFrame
    axes: dict[str, tuple[object, ...]]
    message: str = ""

    @property
    def share(self) -> float:
        """Of the cells that are over, 0 to 1."""
        return (self.done + self.failed) / self.total if self.total else 1.0


@dataclass
class Runner:
    """One program's work on one sweep, in a thread of its own."""

    identity: str
    grid: Grid
    cluster: str
    store: SweepStore
    failures: dict[str, str]
    found: dict[str, dict[str, object]] = field(default_factory=dict)
    running: dict[str, object] = field(default_factory=dict)  # experiment key -> handle
    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=20))
    state: str = "running"
    message: str = ""
    wanted: str = "running"

    def __post_init__(self) -> None:
        self.cells = self.grid.cells()
        self.keys = {cell.index: cell.experiment.key() for cell in self.cells if cell.experiment}
        self.begun: dict[str, float] = {}
        self.beaten = time.monotonic()
        self.places = 1
        self.thread = threading.Thread(target=self._drive, name=f"sweep-{self.identity}", daemon=True)

    def _drive(self) -> None:
        at: Backend | None = None
        try:
            self.found = self.store.measured(self.keys.values(), anywhere=bool(self.cluster))
            at = open_backend(self.cluster, self.grid.base.device, f"sweep-{self.identity}")
            self._work(at)
            self.state = "paused" if self.wanted == "paused" else "done"
        except (KnobError, LedgerError) as error:
            self.state, self.message = "failed", str(error)
        except Exception as error:  # a fault here must end the sweep with a sentence
            self.state, self.message = "failed", translatable(f"The sweep stopped: {type(error).__name__}: {error}")
        finally:
            if at is not None:
                for handle in self.running.values():
                    at.cancel(handle)
                at.close()
            self.running = {}
            self._close()

    def _close(self) -> None:
        for _ in range(20):  # a locked ledger frees itself; without this note the sweep counts as interrupted, and can be resumed as well
            try:
                self.store.close(self.identity, "paused" if self.state == "failed" else self.state, self.failures)
                return
            except LedgerError:
                time.sleep(0.5)

    def _work(self, at: Backend) -> None:
        over = self.failures.keys() | self.found.keys()
        waiting = deque(cell for cell in self.cells if cell.experiment and self.keys[cell.index] not in over)
        while (waiting or self.running) and self.wanted == "running":
            self.places = at.places
            if not at.places:
                raise KnobError("cluster", self.cluster, "all machines of the cluster are gone")
            while waiting and len(self.running) < at.places:
                cell = waiting.popleft()
                key = self.keys[cell.index]
                if key not in self.running and cell.experiment:
                    self.begun[key] = time.monotonic()
                    self.running[key] = at.start(cell.experiment)
            for key, handle in list(self.running.items()):
                outcome = at.outcome(handle)
                if outcome is not None:
                    del self.running[key]
                    waiting.extend(self._take(key, outcome, at.keeps))
            if time.monotonic() - self.beaten > BEAT:
                self.beaten = time.monotonic()
                self._beat()
            time.sleep(POLL)

    def _beat(self) -> None:
        try:
            self.store.beat(self.identity)
            self.store.ledger.flush()
        except LedgerError as error:
            self.message = str(error)
        else:
            self.message = ""

    def _take(self, key: str, outcome: tuple[str, Any], kept: bool) -> list[SweepCell]:
        """Note what became of a cell; returns it where it has to be measured again."""
        kind, what = outcome
        if kind == "lost":
            return [next(c for c in self.cells if self.keys.get(c.index) == key)]
        if kind == "failed":
            self.failures[key] = str(what)
            return []
        self.seconds.append(time.monotonic() - self.begun[key])
        if not kept:
            try:
                self.store.ledger.add("measure", uuid.uuid4().hex, what, f"sweep-{self.identity}")
            except LedgerError as error:
                self.message = translatable(f"Measured, but not yet in the ledger. {error}")  # it stays pending there
        self.found[key] = _row(what)
        return []

    def left(self) -> float | None:
        """Seconds until the end if cells go on taking as long as the last twenty."""
        if not self.seconds:
            return None
        remaining = len(set(self.keys.values()) - self.found.keys() - self.failures.keys())
        return remaining * sum(self.seconds) / len(self.seconds) / max(1, self.places)


def _row(result: dict[str, Any]) -> dict[str, object]:
    wanted = ("median", "low", "high", "n", "converged", "joules_per_image", "finished_at")
    return {k: result.get(k) for k in wanted} | {"batch": result.get("images"), "device_name": result.get("conditions", {}).get("device_name")}


def _store(of: Ledger | None = None) -> SweepStore:
    return SweepStore(of or ledger())


def start_sweep(grid: Grid, *, cluster: str | None = None) -> str:
    """Begin a sweep here, or on the Ray cluster at ``cluster`` (default: :data:`RAY_ADDRESS_VARIABLE`). Returns its name at once.

    Raises :class:`KnobError` where no cell of the grid can be measured, :class:`LedgerError` where the ledger cannot note it.
    """
    cells = grid.cells()
    if not any(cell.experiment for cell in cells):
        raise KnobError("grid", grid.title, cells[0].problem)
    identity = uuid.uuid4().hex[:12]
    _store().create(identity, grid, os.environ.get(RAY_ADDRESS_VARIABLE, "") if cluster is None else cluster)
    resume_sweep(identity)
    return identity


def resume_sweep(identity: str, *, again: bool = False) -> None:
    """Go on with a sweep that was paused or interrupted; ``again`` also tries what failed. Nothing happens to one that runs here.

    Raises :class:`KnobError` where there is no such sweep, or another program works on it.
    """
    with _guard:
        mine = _runners.get(identity)
        if mine is not None and mine.thread.is_alive():
            if mine.wanted == "running":
                return
            mine.thread.join(timeout=5)
        store = _store()
        row = store.get(identity)
        if row is None:
            raise KnobError("sweep", identity, "is not in the ledger")
        if not store.claim(identity):
            raise KnobError("sweep", identity, "is being measured by another program")
        runner = Runner(identity, Grid.from_dict(row["grid"]), row["cluster"], store, {} if again else dict(row["failures"]))
        _runners[identity] = runner
        runner.thread.start()


def pause_sweep(identity: str) -> None:
    """Stop after what is under way has been cancelled; at most the running cells are lost. Returns at once."""
    runner = _runners.get(identity)
    if runner is not None:
        runner.wanted = "paused"


def delete_sweep(identity: str) -> None:
    """Stop a sweep and take it from the list; its measurements stay in the ledger."""
    pause_sweep(identity)
    _store().forget(identity)


def wait_for_sweep(identity: str, timeout: float = 600.0) -> SweepProgress:
    """Wait until nothing of the sweep runs here (for the command line and tests, never for a page)."""
    runner = _runners.get(identity)
    if runner is not None:
        runner.thread.join(timeout)
    return sweep_progress(identity)


def known_sweeps() -> pd.DataFrame:
    """The ledger's sweeps, newest first: id, created_at, title, state, cluster."""
    return _store().known()


def sweep_progress(identity: str) -> SweepProgress:
    """How the sweep stands: from memory while it runs here, else from the ledger. Raises :class:`KnobError` for an unknown one."""
    runner = _runners.get(identity)
    if runner is not None and (runner.thread.is_alive() or runner.state in ("done", "failed")):
        return _progress(identity, runner.grid, runner.cells, runner.state, runner.found, runner.failures, runner.running, runner.left(), runner.message)
    store = _store()
    row = store.get(identity)
    if row is None:
        raise KnobError("sweep", identity, "is not in the ledger")
    grid = Grid.from_dict(row["grid"])
    cells = grid.cells()
    found = store.measured([c.experiment.key() for c in cells if c.experiment], anywhere=bool(row["cluster"]))
    return _progress(identity, grid, cells, row["state"], found, row["failures"], {}, None, "")


def _progress(
    identity: str, grid: Grid, cells: list[SweepCell], state: str, found: dict[str, Any], failures: dict[str, str], running: dict[str, object],
    left: float | None, message: str,
) -> SweepProgress:  # fmt: skip
    rows = [cell.where | _cell_row(cell, found, failures, running) for cell in cells]
    table = pd.DataFrame(rows)
    counts = table["state"].value_counts()
    failed = int(counts.get("failed", 0) + counts.get("impossible", 0))
    return SweepProgress(identity, grid.title, state, len(cells), int(counts.get("done", 0)), failed, left, table, grid.axes, message)


def _cell_row(cell: SweepCell, found: dict[str, Any], failures: dict[str, str], running: dict[str, object]) -> dict[str, Any]:
    empty = {"median": None, "low": None, "high": None, "images_per_second": None, "joules_per_image": None, "message": cell.problem}
    if cell.experiment is None:
        return {"state": "impossible"} | empty
    key = cell.experiment.key()
    if key in found:
        row = found[key]
        figures = {name: row[name] for name in ("median", "low", "high", "joules_per_image")}
        return {"state": "done"} | empty | figures | {"images_per_second": cell.where["batch"] / row["median"] if row["median"] else None}
    if key in failures:
        return {"state": "failed"} | empty | {"message": failures[key]}
    return {"state": "running" if key in running else "waiting"} | empty
