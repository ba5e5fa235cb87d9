"""A check by name, and what the checking process says."""

from __future__ import annotations

from pathlib import Path

import pytest

from blocks.catalog.opened import announce
from blocks.checks.handler import CheckingHandler, check_by_name
from blocks.cost.check import Check
from blocks.knobs import KnobError
from blocks.workers.control import JobControl

SOURCE = """
from torch import nn

class Own(nn.Sequential):
    def __init__(self, width: int = 7):
        super().__init__(nn.Conv2d(3, width, 5), nn.Flatten(), nn.Linear(width * 16 * 20, 2))
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("EXPLORER_OPENED", "{}")
    (tmp_path / "own.py").write_text(SOURCE)
    (address,) = announce([f"{tmp_path / 'own.py'}:Own@1,3,20,24"])
    return address


def test_a_network_of_a_file_is_built_again_with_its_knobs(own: str) -> None:
    assert check_by_name(own, {"width": 9}, (1, 3, 20, 24)) == Check(2)
    payload = {"name": own, "knobs": {}, "shape": [2, 3, 20, 24], "training": False}
    assert CheckingHandler().run("check", payload, JobControl(lambda _: None, lambda: False)) == Check(2).as_json()


def test_a_fault_is_a_sentence(own: str) -> None:
    with pytest.raises(KnobError) as caught:
        check_by_name(own, {"depth": 9}, (1, 3, 20, 24))
    assert CheckingHandler().describe(caught.value) == str(caught.value)
    assert CheckingHandler().describe(RuntimeError("lost")) == "RuntimeError: lost"
