"""The checking process: a check of a file's network, one that cannot run, and one that is cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from blocks.catalog.opened import announce
from blocks.checks.background import cancel_check, check_in_background, stop_checking
from blocks.cost.check import Check, check_from

SECONDS = 300


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    stop_checking()  # a process of an earlier test does not know this one's file
    yield
    stop_checking()


def test_one_process_checks_for_all_sessions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_OPENED", "{}")
    (tmp_path / "own.py").write_text(
        "from torch import nn\n\nclass Own(nn.Sequential):\n    def __init__(self):\n        super().__init__(nn.Conv2d(3, 7, 5))\n"
    )
    (address,) = announce([f"{tmp_path / 'own.py'}:Own@1,3,20,24"])
    right = check_in_background(address, {}, (1, 3, 20, 24), False, "a")
    wrong = check_in_background(address, {}, (1, 4, 20, 24), False, "b")
    third = check_in_background(address, {}, (1, 3, 20, 24), False, "c")
    cancel_check(third)
    assert third.state == "cancelled"
    assert right.finished.wait(SECONDS)
    assert wrong.finished.wait(SECONDS)
    assert right.result is not None
    assert check_from(right.result) == Check(1)
    assert wrong.state == "failed"
    assert "expects 3 channels" in wrong.message
