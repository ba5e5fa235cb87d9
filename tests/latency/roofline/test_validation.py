"""Estimates against a ledger: which results count, and what is said of them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from blocks import analyse
from blocks.latency.measure.experiment import Experiment
from blocks.latency.roofline import validation
from blocks.latency.roofline.estimate import estimate
from blocks.latency.roofline.known_machines import this_machine
from blocks.latency.roofline.machines import GROUPS, Efficiency, Machine
from blocks.latency.store.ledger import Ledger
from tests.latency.conftest import reported

MACHINE = Machine(
    "cpu-3", "test", "test", 1e10, {"float32": 1e11}, Efficiency(dict.fromkeys(GROUPS, 0.5), 1e-6, None, ""), "cpu", True, {"threads": 3, "device": "cpu"}
)


@pytest.mark.parametrize(("conditions", "counts"), [
    ({}, True),
    ({"threads": 1}, False),
    ({"mode": "forward_backward"}, False),
    ({"quantity": "amortised"}, False),
    ({"cache": "cold"}, False),
    ({"compile": "compile"}, False),
    ({"channels_last": True}, False),
    ({"dtype": "bfloat16"}, False),
])  # fmt: skip
def test_only_the_same_quantity_is_comparable(conditions: dict[str, object], counts: bool) -> None:
    experiment = Experiment("resnet18", **{"threads": 3, **conditions})  # type: ignore[arg-type]
    assert validation.comparable(experiment, MACHINE) is counts


def test_the_ledgers_results_stand_beside_their_estimates(tmp_path: Path) -> None:
    kept = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    mine = {"machine": {"node": this_machine()}}
    now = time.time()
    kept.add("measure", "old", reported(0.5, now - 50, "resnet18", threads=3) | mine)
    kept.add("measure", "new", reported(0.2, now, "resnet18", threads=3) | mine | {"conditions": {"other_cpu_share": 0.4}})
    kept.add("measure", "other", reported(0.3, now, "vgg11", threads=1) | mine)
    kept.add("measure", "elsewhere", reported(0.4, now, "resnet34", threads=3))
    kept.add("measure", "gone", reported(0.4, now, "a_network_of_another_catalog", threads=3) | mine)
    (row,) = validation.estimates_against_ledger(kept, MACHINE).to_dict("records")
    assert (row["network"], row["measured"], row["others"]) == ("resnet18", 0.2, 0.4)
    assert row["estimated"] == pytest.approx(estimate(analyse("resnet18"), MACHINE).seconds)
    assert row["ratio"] == pytest.approx(row["estimated"] / 0.2)
    assert validation.estimates_against_ledger(Ledger(f"sqlite:///{tmp_path / 'empty.sqlite'}"), MACHINE).empty


def test_without_a_probe_there_is_no_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "measured_machines", list)
    assert validation.estimate_of(Experiment("resnet18", threads=3)) is None
    monkeypatch.setattr(validation, "measured_machines", lambda: [MACHINE])
    found = validation.estimate_of(Experiment("resnet18", threads=3))
    assert found is not None
    assert found.seconds == pytest.approx(estimate(analyse("resnet18"), MACHINE).seconds)
    assert validation.estimate_of(Experiment("no_such_network", threads=3)) is None
