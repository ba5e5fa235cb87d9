"""The sentences of the Devices page that its tests do not meet: which probe is first, and where a table is from."""

from __future__ import annotations

from blocks.latency.devices.left_out import PROBES
from blocks.latency.devices.tables import DEVICE_TABLES
from viz.devices.view import SOURCES, first_probe


def test_the_first_probe_is_the_fits_and_the_others_follow() -> None:
    for table in DEVICE_TABLES:
        first, *others = PROBES[table]
        assert first_probe(table) == f"Time {first} on your device and type it above. Then, best first: {', '.join(others)}."


def test_each_table_says_where_it_is_from_and_when_it_was_read() -> None:
    assert set(SOURCES) == set(DEVICE_TABLES)
    assert all("BSD-3-Clause" in said and "read on 2026-" in said for said in SOURCES.values())
