"""The ledger's tables, their version, and the steps from one version to the next."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from sqlalchemy import JSON, Boolean, Column, Connection, Double, Integer, MetaData, String, Table, Text, inspect, select, text

metadata = MetaData()

#: One row per result. What users filter by has a column; everything that was reported is in ``payload``.
results_table = Table(
    "results",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(16), nullable=False, index=True),  # measure, compare, profile, probe
    Column("finished_at", Double, nullable=False, index=True),  # seconds since 1970, UTC
    Column("network", String(300), nullable=False, index=True),
    Column("experiment_key", String(16), nullable=False, index=True),
    Column("device", String(16), nullable=False),
    Column("device_name", String(200), nullable=False),
    Column("machine", String(200), nullable=False),
    Column("dtype", String(16), nullable=False),
    Column("mode", String(24), nullable=False),
    Column("batch", Integer),
    Column("median", Double),
    Column("low", Double),
    Column("high", Double),
    Column("n", Integer),
    Column("converged", Boolean),
    Column("reason", String(32)),
    Column("torch", String(40)),
    Column("session", String(64)),
    Column("payload", JSON, nullable=False),
    Column("joules_per_image", Double),  # since version 2
    Column("note", Text),  # since version 3
)
version_table = Table("schema_version", metadata, Column("version", Integer, primary_key=True))
#: One row: which ledger this is. A ledger that was deleted and made anew has another identity. Since version 4.
identity_table = Table("ledger_identity", metadata, Column("identity", String(32), primary_key=True))
#: Sweeps that were begun. Since version 5.
sweeps_table = Table(
    "sweeps",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("created_at", Double, nullable=False),
    Column("title", String(300), nullable=False),
    Column("grid", JSON, nullable=False),
    Column("cluster", String(200), nullable=False),
    Column("state", String(16), nullable=False),
    Column("beat", Double, nullable=False),  # last sign of life of the program that works on it
    Column("failures", JSON, nullable=False),  # sentence by experiment key
)


def _to_2(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE results ADD COLUMN joules_per_image DOUBLE PRECISION"))


def _to_3(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE results ADD COLUMN note TEXT"))


def _to_4(connection: Connection) -> None:
    identity_table.create(connection)
    connection.execute(identity_table.insert().values(identity=uuid.uuid4().hex))


def _to_5(connection: Connection) -> None:
    sweeps_table.create(connection)


_MIGRATIONS: dict[int, Callable[[Connection], None]] = {2: _to_2, 3: _to_3, 4: _to_4, 5: _to_5}
VERSION = max(_MIGRATIONS)


class NewerSchema(Exception):
    """The ledger was written by a later version of this program."""


def migrate(connection: Connection) -> None:
    """Make the tables, or bring them to :data:`VERSION`, inside the caller's transaction, which must exclude other writers."""
    if not inspect(connection).has_table("schema_version"):
        metadata.create_all(connection)
        connection.execute(version_table.insert().values(version=VERSION))
        connection.execute(identity_table.insert().values(identity=uuid.uuid4().hex))
        return
    found = connection.execute(select(version_table.c.version)).scalar_one()
    if found > VERSION:
        raise NewerSchema(f"The ledger has schema version {found}; this program knows versions up to {VERSION}. Use the newer program or another ledger.")
    for step in range(found + 1, VERSION + 1):
        _MIGRATIONS[step](connection)
    if found < VERSION:
        connection.execute(version_table.update().values(version=VERSION))
