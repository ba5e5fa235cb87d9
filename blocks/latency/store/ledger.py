"""The ledger: every result with its conditions, in a database. SQLite in the user's data folder, or any URL in EXPLORER_LEDGER_URL.

Each call opens its own connection: a ledger that is locked, full, deleted or moved while the app runs costs that call a sentence
and nothing else. Results that could not be written are kept in memory and tried again with the next one.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import platformdirs
from sqlalchemy import Connection, Engine, create_engine, delete, event, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from blocks.extras import missing
from blocks.language import translatable
from blocks.latency.store.queries import Filter, LedgerError, as_csv, as_parquet, check_column, exactly, results_frame
from blocks.latency.store.rows import row_of
from blocks.latency.store.schema import NewerSchema, identity_table, migrate, results_table

LEDGER_URL_VARIABLE = "EXPLORER_LEDGER_URL"
LEAST_ROOM = 2**17  # bytes: with less, SQLite cannot make the files beside its database
REMEMBERED = 500  # results of this process that are written anew if the database was deleted meanwhile


def data_folder() -> Path:
    """The user's folder for this program's data, as the platform has it."""
    old = Path.home() / "Library" / "Application Support" / "architecture-explorer"  # platformdirs looks at XDG_DATA_HOME there as well
    return old if sys.platform == "darwin" and old.exists() else platformdirs.user_data_path("architecture-explorer", appauthor=False)


def default_url() -> str:
    """Where results go: :data:`LEDGER_URL_VARIABLE` if set, else a file in :func:`data_folder`."""
    return os.environ.get(LEDGER_URL_VARIABLE) or f"sqlite:///{data_folder() / 'ledger.sqlite'}"


class Ledger:
    """One database of results; safe to use from several threads and several processes at once."""

    def __init__(self, url: str | None = None, patience: float = 5.0) -> None:
        self.url = url or default_url()
        self.patience = patience  # seconds to wait for another writer
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None  # the file
        self._identity = ""  # of the ledger in it
        self._ready = False
        self._pending: OrderedDict[str, dict[str, object]] = OrderedDict()
        self._written: OrderedDict[str, dict[str, object]] = OrderedDict()
        self._engine = self._connectable()

    # --- Writing -----------------------------------------------------------------------------------

    def add(self, kind: str, identity: str, result: dict[str, object], session: str = "") -> None:
        """Write a result, and what could not be written before. :class:`LedgerError` if that fails: it stays pending."""
        with self._lock:
            self._pending[identity] = row_of(kind, identity, result, session)
            was_ready = self._ready
            try:
                self._flush()
            except LedgerError:
                if not was_ready:
                    raise
                self._flush()  # the tables may have gone since; the second try makes them

    def flush(self) -> int:
        """Try again what is pending; returns how many results still are (0 where all went well)."""
        with self._lock:
            with contextlib.suppress(LedgerError):
                self._flush()
            return len(self._pending)

    def _flush(self) -> None:
        if not self._pending:
            return
        rows = list(self._pending.values())
        with self._transaction(write=True) as connection:
            here = set(connection.execute(select(results_table.c.id).where(results_table.c.id.in_([r["id"] for r in rows]))).scalars())
            missing = [r for r in rows if r["id"] not in here]
            if missing:
                connection.execute(results_table.insert(), missing)
        self._written.update(self._pending)
        self._pending.clear()
        while len(self._written) > REMEMBERED:
            self._written.popitem(last=False)

    def delete(self, identities: Sequence[str]) -> int:
        """Delete results; returns how many there were."""
        with self._lock:
            for identity in identities:
                self._written.pop(identity, None)
                self._pending.pop(identity, None)
            with self._transaction(write=True) as connection:
                return connection.execute(delete(results_table).where(results_table.c.id.in_(list(identities)))).rowcount

    def note(self, identity: str, words: str) -> None:
        """Attach a user's note to a result."""
        with self._lock, self._transaction(write=True) as connection:
            connection.execute(results_table.update().where(results_table.c.id == identity).values(note=words))

    # --- Reading -----------------------------------------------------------------------------------

    def rows(self, asked: Filter | None = None) -> pd.DataFrame:
        """The results that ``asked`` lets through (default: the newest thousand), newest first, without their payloads.

        Columns: those of :data:`blocks.latency.store.schema.results_table`; times in seconds, ``finished_at`` as UTC time.
        """
        with self._lock, self._transaction() as connection:
            found = connection.execute((asked or Filter()).query()).mappings().all()
        return results_frame(found)

    def frame(self, *, limit: int = 1000, **where: object) -> pd.DataFrame:
        """As :meth:`rows`, by columns that must be equal (``network="resnet50"``) or in a list."""
        query = exactly(where).limit(limit)
        with self._lock, self._transaction() as connection:
            found = connection.execute(query).mappings().all()
        return results_frame(found)

    def values(self, column: str) -> list[Any]:
        """The different values of a column, sorted: what a filter can choose from."""
        check_column(column)
        with self._lock, self._transaction() as connection:
            found = connection.execute(select(results_table.c[column]).distinct()).scalars().all()
        return sorted(v for v in found if v is not None)

    def input_sizes(self, identities: Sequence[str]) -> dict[str, str]:
        """The input's height and width (or tokens) of each result, such as "224×224", read from its payload; of a comparison the first network's."""
        payload = results_table.c.payload
        asked = select(results_table.c.id, payload["experiment"]["input_shape"], payload["experiments"][0]["input_shape"])
        with self._lock, self._transaction() as connection:
            found = connection.execute(asked.where(results_table.c.id.in_(identities))).all()
        return {identity: "×".join(map(str, shape[2:] or shape[1:])) for identity, one, first in found if (shape := one or first)}

    def payload(self, identity: str) -> dict[str, Any] | None:
        """Everything that was reported of one result; None if there is none."""
        with self._lock, self._transaction() as connection:
            found = connection.execute(select(results_table.c.payload).where(results_table.c.id == identity)).scalar_one_or_none()
        return None if found is None else dict(found)

    def latest(self, kind: str, **where: object) -> dict[str, object] | None:
        """The payload of the newest result of that kind."""
        found = self.frame(kind=kind, limit=1, **where)
        return None if found.empty else self.payload(str(found["id"].iloc[0]))

    def count(self) -> int:
        """How many results there are."""
        with self._lock, self._transaction() as connection:
            return int(connection.execute(select(func.count()).select_from(results_table)).scalar_one())

    def over_time(self, identity: str) -> pd.DataFrame:
        """All measurements of the same experiment on the same device of the same machine as that result, oldest first."""
        one = self.frame(id=identity)
        if one.empty:
            return one
        same = {name: str(one[name].iloc[0]) for name in ("kind", "experiment_key", "device_name", "machine")}
        return self.frame(limit=100_000, **same).iloc[::-1].reset_index(drop=True)

    def export_csv(self, asked: Filter | None = None) -> bytes:
        """The rows as CSV."""
        return as_csv(self.rows(asked))

    def export_parquet(self, asked: Filter | None = None) -> bytes:
        """The rows as Parquet; :class:`LedgerError` where pyarrow (which Streamlit brings) is missing."""
        return as_parquet(self.rows(asked))

    # --- Connections -------------------------------------------------------------------------------

    def _connectable(self) -> Engine:
        url = make_url(self.url)
        sqlite = url.get_backend_name() == "sqlite"
        arguments: dict[str, object] = {"timeout": self.patience} if sqlite else {}
        if url.get_backend_name() == "postgresql":
            arguments = {"connect_timeout": max(2, round(self.patience)), "options": f"-c lock_timeout={round(1000 * self.patience)}"}
        if url.get_driver_name() == "psycopg" and (needs := missing("postgres")):
            raise LedgerError(f"A ledger in PostgreSQL {needs}.")
        engine = create_engine(url, poolclass=NullPool, connect_args=arguments)
        if sqlite:
            event.listen(engine, "connect", _sqlite_connected)
            event.listen(engine, "begin", _sqlite_begin)
        return engine

    @property
    def file(self) -> Path | None:
        """The SQLite file; None for a server or a ledger in memory."""
        url = make_url(self.url)
        return Path(url.database) if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:" else None

    @contextmanager
    def transaction(self, write: bool = False) -> Iterator[Connection]:
        """A connection in a transaction, committed at its end. :class:`LedgerError` for whatever the database has against it."""
        with self._lock, self._transaction(write) as connection:
            yield connection

    @contextmanager
    def _transaction(self, write: bool = False) -> Iterator[Connection]:
        try:
            self._prepare()
            with self._engine.connect().execution_options(ledger_write=write) as connection, connection.begin():
                yield connection
            self._seen = self._file_identity()
        except NewerSchema as error:
            raise LedgerError(str(error)) from error
        except (SQLAlchemyError, OSError) as error:
            self._ready = False
            raise LedgerError(_sentence(error, self.file)) from error

    def _file_identity(self) -> tuple[int, int] | None:
        if self.file is None:
            return None
        found = self.file.stat() if self.file.exists() else None
        return None if found is None else (found.st_dev, found.st_ino)

    def _prepare(self) -> None:
        """Make the folder and the tables where they are missing; after a deletion also this process's own results."""
        file = self.file
        if self._ready and self._file_identity() == self._seen:
            return
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
        with self._engine.connect().execution_options(ledger_write=True) as connection, connection.begin():
            if self._engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(7218456)"))
            migrate(connection)
            identity = connection.execute(select(identity_table.c.identity)).scalar_one()
            if self._identity not in ("", identity) and self._written:
                here = set(connection.execute(select(results_table.c.id)).scalars())
                lost = [row for key, row in self._written.items() if key not in here]
                if lost:
                    connection.execute(results_table.insert(), lost)
            self._identity = identity
        self._ready, self._seen = True, self._file_identity()


def _sqlite_connected(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where _sqlite_begin says, not where the driver guesses
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")  # readers beside one writer, and a crash loses only what was not committed
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("ledger_write") else "BEGIN")


def _sentence(error: Exception, file: Path | None) -> str:
    text_ = (str(getattr(error, "orig", None) or error).strip() or type(error).__name__).splitlines()[0]
    if file is not None and ("disk i/o" in text_.lower() or "unable to open" in text_.lower()):
        text_ = _of_disk(file.parent) or text_
    known = {
        "locked": translatable("is locked by another program"),
        "lock timeout": translatable("is locked by another program"),
        "full": translatable("cannot grow: the disk is full"),
        "no space left": translatable("cannot grow: the disk is full"),
        "readonly": translatable("may only be read here"),
        "read-only": translatable("may only be read here"),
        "unable to open": translatable("cannot be opened"),
        "not a database": translatable("is not a database of this program"),
        "malformed": translatable("is damaged"),
        "disk i/o": translatable("cannot be used: the disk reports an error"),
        "connection": translatable("cannot be reached"),
    }
    for sign, words in known.items():
        if sign in text_.lower():
            return translatable(f"The ledger ({file}) {words}.") if file else translatable(f"The ledger {words}.")
    return translatable(f"The ledger ({file}) does not answer: {text_[:200]}.") if file else translatable(f"The ledger does not answer: {text_[:200]}.")


def _of_disk(folder: Path) -> str:
    """Why SQLite could not open or write its files in ``folder``, as far as the system knows: it says so itself only where a file grows."""
    if not folder.is_dir():
        return ""
    if not os.access(folder, os.W_OK):  # also False on a file system that may only be read
        return "readonly"
    return "full" if shutil.disk_usage(folder).free < LEAST_ROOM else ""


_ledgers: dict[str, Ledger] = {}
_guard = threading.Lock()


def ledger() -> Ledger:
    """This process's ledger at :func:`default_url`."""
    url = default_url()
    with _guard:
        if url not in _ledgers:
            _ledgers[url] = Ledger(url)
        return _ledgers[url]


def record_result(kind: str, identity: str, result: dict[str, object], session: str) -> str:
    """Add a result to the process's ledger; "" or a sentence on why it is only in memory for now. Never raises."""
    try:
        ledger().add(kind, identity, result, session)
    except (LedgerError, SQLAlchemyError, ImportError) as error:
        return translatable(f"Measured, but not yet in the ledger. {error}")
    return ""
