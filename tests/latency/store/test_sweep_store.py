"""Sweeps in the ledger: one program at a time, and a silent one is interrupted."""

from __future__ import annotations

import pytest

from blocks.latency.store import sweep_store
from blocks.latency.store.ledger import Ledger
from blocks.latency.store.sweep_store import SweepStore
from blocks.latency.sweeps.grid import Grid


def test_a_sweep_is_claimed_by_one_program_and_freed_by_silence(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SweepStore(ledger)
    store.create("s1", Grid(("resnet18",)), "")
    assert store.claim("s1")
    assert not store.claim("s1")
    row = store.get("s1")
    assert row is not None
    assert row["state"] == "running"
    monkeypatch.setattr(sweep_store, "SILENT", -1.0)
    row = store.get("s1")
    assert row is not None
    assert row["state"] == "interrupted"
    assert store.claim("s1")
    store.close("s1", "done", {"a key": "It broke."})
    assert store.known()["state"].tolist() == ["done"]
    row = store.get("s1")
    assert row is not None
    assert row["failures"] == {"a key": "It broke."}
    store.forget("s1")
    assert store.get("s1") is None
