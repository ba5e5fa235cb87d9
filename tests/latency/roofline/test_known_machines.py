"""Machines by name: the published ones without the ledger, this computer's with it."""

from __future__ import annotations

import pytest

from blocks.knobs import KnobError
from blocks.latency.roofline import known_machines
from blocks.latency.roofline.machines import Machine, published_machines


def test_a_published_machine_needs_no_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked() -> list[Machine]:
        pytest.fail("the ledger was asked")

    monkeypatch.setattr(known_machines, "measured_machines", asked)
    assert known_machines.machine("rtx4090") == next(m for m in published_machines() if m.name == "rtx4090")


def test_an_unknown_machine_is_refused_with_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_machines, "measured_machines", list)
    assert known_machines.all_machines() == list(published_machines())
    with pytest.raises(KnobError, match="rtx4090"):
        known_machines.machine("rtx4091")
