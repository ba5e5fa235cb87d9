"""The ledger's version: a new one is made whole, a later one is refused."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, inspect, select

from blocks.latency.store.schema import VERSION, NewerSchema, identity_table, metadata, migrate, version_table


def test_a_new_ledger_has_all_tables_and_one_identity() -> None:
    with create_engine("sqlite://").begin() as connection:
        migrate(connection)
        migrate(connection)
        assert set(inspect(connection).get_table_names()) == set(metadata.tables)
        assert connection.execute(select(version_table.c.version)).scalar_one() == VERSION
        assert len(connection.execute(select(identity_table.c.identity)).scalar_one()) == 32


def test_a_later_version_is_refused_with_a_sentence() -> None:
    with create_engine("sqlite://").begin() as connection:
        migrate(connection)
        connection.execute(version_table.update().values(version=VERSION + 1))
        with pytest.raises(NewerSchema, match=f"schema version {VERSION + 1}; this program knows versions up to {VERSION}"):
            migrate(connection)
