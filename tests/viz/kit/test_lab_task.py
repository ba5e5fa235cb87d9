"""A lab job as a task: where it stands, its message, its result kept, its stop."""

from __future__ import annotations

from typing import Any

import pytest

from blocks.latency import lab
from viz.kit.lab_task import LabTask


class Lab:
    """A lab with one job."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = lab.Status("j", "queued")
        self.found: Any = None
        self.cancelled: list[str] = []
        monkeypatch.setattr(lab, "status", lambda _: self.now)
        monkeypatch.setattr(lab, "result", lambda _: self.found)
        monkeypatch.setattr(lab, "cancel", self.cancelled.append)


@pytest.fixture
def one(monkeypatch: pytest.MonkeyPatch) -> Lab:
    return Lab(monkeypatch)


@pytest.mark.parametrize(
    ("status", "state", "message"),
    [
        (lab.Status("j", "queued", position=2), "waiting", "queued, 2 before it"),
        (lab.Status("j", "running", phase="measuring", n=12), "running", "running · measuring · n = 12"),
        (lab.Status("j", "running", message="Waiting for the device."), "running", "Waiting for the device."),
        (lab.Status("j", "cancelled"), "stopped", "cancelled"),
        (lab.Status("j", "failed", message="Out of memory."), "failed", "Out of memory."),
        (lab.Status("j", "unknown", message="This job is not known any more."), "failed", "This job is not known any more."),
    ],
)
def test_where_it_stands(one: Lab, status: lab.Status, state: str, message: str) -> None:
    one.now = status
    task = LabTask("j")
    assert (task.state, task.message) == (state, message)
    assert task.over == (state in ("stopped", "failed"))
    assert task.partial is status


def test_its_result_stays_when_the_lab_forgets_the_job(one: Lab) -> None:
    task = LabTask("j", about="resnet50")
    assert task.result is None
    one.now, one.found = lab.Status("j", "done", share=1.3), "a measurement"
    assert (task.result, task.share, task.about) == ("a measurement", 1.0, "resnet50")
    one.now, one.found = lab.Status("j", "unknown"), None
    assert (task.state, task.result) == ("done", "a measurement")


def test_stop_cancels_the_job(one: Lab) -> None:
    LabTask("j").stop()
    assert one.cancelled == ["j"]
