"""The ledger's times of this machine as probes: the newest of each network, in the usual quantity alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from blocks.latency.devices import measured
from blocks.latency.devices.measured import measured_here
from blocks.latency.measure.experiment import Experiment
from blocks.latency.roofline.known_machines import this_machine
from blocks.latency.store.ledger import Ledger

SIDE = {"input_shape": (1, 3, 224, 224)}


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    own = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    monkeypatch.setattr(measured, "ledger", lambda: own)
    return own


def add(ledger: Ledger, identity: str, median: float, finished_at: float, network: str, node: str = "", converged: bool = True, **conditions: Any) -> None:
    result = {
        "experiment": Experiment(network, **conditions).to_dict(), "images": 1, "median": median, "low": median, "high": median, "n": 30, "converged": converged,
        "finished_at": finished_at, "machine": {"node": node or this_machine()},
    }  # fmt: skip
    ledger.add("measure", identity, result)


def test_the_newest_of_each_network_counts(kept: Ledger) -> None:
    assert measured_here("ncnn") == {}
    add(kept, "a", 0.020, 10.0, "mobilenet_v2", **SIDE)
    add(kept, "b", 0.017, 20.0, "mobilenet_v2", **SIDE)
    add(kept, "c", 0.080, 15.0, "resnet50")  # as the command line asks for the published input
    assert measured_here("ncnn") == {"mobilenet_v2": pytest.approx(17.0), "resnet50": pytest.approx(80.0)}


def test_what_is_another_quantity_does_not(kept: Ledger) -> None:
    add(kept, "a", 0.020, 1.0, "mobilenet_v2", input_shape=(8, 3, 224, 224))
    add(kept, "b", 0.020, 1.0, "mobilenet_v2", input_shape=(1, 3, 160, 160))
    add(kept, "c", 0.020, 1.0, "resnet50", dtype="bfloat16", **SIDE)
    add(kept, "d", 0.020, 1.0, "resnet50", cache="cold", **SIDE)
    add(kept, "e", 0.020, 1.0, "resnet50", knobs={"groups": 2}, **SIDE)
    add(kept, "f", 0.020, 1.0, "resnet50", mode="forward_backward", **SIDE)
    add(kept, "g", 0.020, 1.0, "resnet18", node="another machine", **SIDE)
    add(kept, "h", 0.020, 1.0, "resnet18", converged=False, **SIDE)
    add(kept, "i", 0.020, 1.0, "densenet121", **SIDE)  # in no row of ncnn's table
    assert measured_here("ncnn") == {}
