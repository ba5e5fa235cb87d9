"""Sweeps in the ledger: their grids, how they stand, and what failed. What was measured is in the results themselves."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import pandas as pd
import torch
from sqlalchemy import delete, select

from blocks.latency.measure.environment import machine_info
from blocks.latency.store.ledger import Ledger
from blocks.latency.store.schema import results_table, sweeps_table
from blocks.latency.sweeps.grid import Grid

BEAT = 5.0  # seconds between signs of life of a running sweep
SILENT = 6 * BEAT  # after so long without one its program is gone


class SweepStore:
    """The sweeps of one ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def create(self, identity: str, grid: Grid, cluster: str) -> None:
        """Note a new sweep."""
        row = {
            "id": identity,
            "created_at": time.time(),
            "title": grid.title[:300],
            "grid": grid.to_dict(),
            "cluster": cluster,
            "state": "paused",
            "beat": 0.0,
            "failures": {},
        }
        with self.ledger.transaction(write=True) as connection:
            connection.execute(sweeps_table.insert().values(**row))

    def claim(self, identity: str) -> bool:
        """Take the sweep for this program; False where another one is working on it."""
        with self.ledger.transaction(write=True) as connection:
            now = time.time()
            beat = sweeps_table.c.beat  # one in the future is from before the clock was set back
            free = (sweeps_table.c.state != "running") | (beat < now - SILENT) | (beat > now + SILENT)
            return connection.execute(sweeps_table.update().where((sweeps_table.c.id == identity) & free).values(state="running", beat=now)).rowcount == 1

    def beat(self, identity: str) -> None:
        """Give a sign of life."""
        with self.ledger.transaction(write=True) as connection:
            connection.execute(sweeps_table.update().where(sweeps_table.c.id == identity).values(beat=time.time()))

    def close(self, identity: str, state: str, failures: dict[str, str]) -> None:
        """Note how it stands when this program stops working on it."""
        with self.ledger.transaction(write=True) as connection:
            connection.execute(sweeps_table.update().where(sweeps_table.c.id == identity).values(state=state, failures=failures))

    def get(self, identity: str) -> dict[str, Any] | None:
        """The row of a sweep; its state is "interrupted" where it says running and gave no sign of life."""
        with self.ledger.transaction() as connection:
            found = connection.execute(select(sweeps_table).where(sweeps_table.c.id == identity)).mappings().one_or_none()
        return None if found is None else _with_state(dict(found))

    def known(self) -> pd.DataFrame:
        """All sweeps, newest first: id, created_at (UTC), title, state, cluster."""
        with self.ledger.transaction() as connection:
            rows = [_with_state(dict(r)) for r in connection.execute(select(sweeps_table).order_by(sweeps_table.c.created_at.desc())).mappings()]
        table = pd.DataFrame(rows, columns=["id", "created_at", "title", "state", "cluster"])
        table["created_at"] = pd.to_datetime(table["created_at"].astype("float64"), unit="s", utc=True)
        return table

    def forget(self, identity: str) -> None:
        """Delete the sweep; what it measured stays."""
        with self.ledger.transaction(write=True) as connection:
            connection.execute(delete(sweeps_table).where(sweeps_table.c.id == identity))

    def measured(self, keys: Iterable[str], anywhere: bool) -> dict[str, dict[str, object]]:
        """The newest measurement of each experiment key with this torch, on this machine or (``anywhere``) on any."""
        wanted = list(keys)
        found: dict[str, dict[str, object]] = {}
        columns = [
            results_table.c[n]
            for n in ("experiment_key", "median", "low", "high", "n", "converged", "batch", "joules_per_image", "device_name", "machine", "finished_at")
        ]
        with self.ledger.transaction() as connection:
            for start in range(0, len(wanted), 500):  # databases limit how many values one statement may have
                asked = select(*columns).where(
                    results_table.c.kind == "measure",
                    results_table.c.experiment_key.in_(wanted[start : start + 500]),
                    results_table.c.torch == torch.__version__,
                )
                if not anywhere:
                    asked = asked.where(results_table.c.machine == machine_info()["node"])
                for row in connection.execute(asked.order_by(results_table.c.finished_at)).mappings():
                    found[row["experiment_key"]] = dict(row)
        return found


def _with_state(row: dict[str, Any]) -> dict[str, object]:
    silent = row["state"] == "running" and abs(time.time() - row["beat"]) > SILENT
    return row | {"state": "interrupted" if silent else row["state"]}
