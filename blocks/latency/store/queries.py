"""Queries of the ledger: what to ask for, as a table, and as a file to download."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Select, select

from blocks.language import SpokenError, translatable
from blocks.latency.store.schema import results_table

RESULT_COLUMNS = tuple(c for c in results_table.c if c.name != "payload")


class LedgerError(SpokenError):
    """The ledger cannot be read or written; the message is a sentence for a page."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which results to show. An empty field lets everything through; ``since`` and ``until`` are seconds since 1970 (UTC).

    ``text`` must occur in the network's name with its knobs, or in a user's note, in upper or lower case.
    """

    text: str = ""
    kinds: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()
    dtypes: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    torch: tuple[str, ...] = ()
    since: float | None = None
    until: float | None = None
    converged: bool | None = None
    limit: int = 1000

    def query(self) -> Select[object]:
        """The statement, newest first."""
        asked = select(*RESULT_COLUMNS).order_by(results_table.c.finished_at.desc(), results_table.c.id).limit(self.limit)
        if self.text:
            asked = asked.where(results_table.c.network.icontains(self.text, autoescape=True) | results_table.c.note.icontains(self.text, autoescape=True))
        for column, chosen in (
            ("kind", self.kinds), ("device_name", self.devices), ("machine", self.machines), ("dtype", self.dtypes), ("mode", self.modes), ("torch", self.torch),
        ):  # fmt: skip
            if chosen:
                asked = asked.where(results_table.c[column].in_(chosen))
        if self.since is not None:
            asked = asked.where(results_table.c.finished_at >= self.since)
        if self.until is not None:
            asked = asked.where(results_table.c.finished_at <= self.until)
        return asked if self.converged is None else asked.where(results_table.c.converged == self.converged)


def check_column(column: str) -> None:
    """Raise :class:`LedgerError` where the ledger has no such column."""
    if column not in {c.name for c in RESULT_COLUMNS}:
        raise LedgerError(f"The ledger has no column {column}; it has {', '.join(c.name for c in RESULT_COLUMNS)}.")


def exactly(where: Mapping[str, object]) -> Select[object]:
    """The statement for rows whose columns equal these values, or are in these lists; newest first."""
    asked = select(*RESULT_COLUMNS).order_by(results_table.c.finished_at.desc(), results_table.c.id)
    for name, value in where.items():
        check_column(name)
        asked = asked.where(results_table.c[name].in_(value) if isinstance(value, (list, tuple, set)) else results_table.c[name] == value)
    return asked


def results_frame(rows: Sequence[Mapping[Any, object]]) -> pd.DataFrame:
    """Rows of the database as a table."""
    found = pd.DataFrame([dict(r) for r in rows], columns=[c.name for c in RESULT_COLUMNS])
    found["finished_at"] = pd.to_datetime(found["finished_at"].astype("float64"), unit="s", utc=True)
    return found


def as_csv(rows: pd.DataFrame) -> bytes:
    """The table as CSV, with a header."""
    return rows.to_csv(index=False).encode()


def as_parquet(rows: pd.DataFrame) -> bytes:
    """The table as Parquet. :class:`LedgerError` where pyarrow is not installed."""
    buffer = io.BytesIO()
    try:
        rows.to_parquet(buffer, index=False)
    except ImportError as error:
        raise LedgerError("Parquet needs the package pyarrow, which is not installed; CSV works without.") from error
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class Change:
    """A result against a later one of the same experiment. ``ratio`` is later over earlier: above 1, it became slower.

    ``apart``: the intervals of the two medians do not touch. Runs at other times share no noise, so that is a hint and no verdict.
    """

    ratio: float
    apart: bool
    sentence: str


def change_between(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> Change | None:
    """How two rows of one experiment differ; None where one has no median."""
    if not earlier.get("median") or not later.get("median"):
        return None
    ratio = float(later["median"]) / float(earlier["median"])
    bounds = [earlier.get("low"), earlier.get("high"), later.get("low"), later.get("high")]
    known_bounds = [float(b) for b in bounds if b is not None and b == b]
    apart = len(known_bounds) == 4 and (known_bounds[1] < known_bounds[2] or known_bounds[3] < known_bounds[0])
    times = f"{ratio:.3f}"
    if not apart:
        return Change(ratio, False, translatable(f"{times} times the earlier time; the intervals overlap, so nothing says that it changed."))
    before, now = earlier.get("torch"), later.get("torch")
    if before != now:
        return Change(ratio, True, translatable(f"{times} times the earlier time; the intervals are apart. torch was {before} and is {now}."))
    said = translatable(f"{times} times the earlier time; the intervals are apart. Only an interleaved comparison could say why.")
    return Change(ratio, True, said)
