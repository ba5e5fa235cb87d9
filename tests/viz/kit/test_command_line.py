"""Networks that the command line names."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from viz.kit import command_line


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("EXPLORER_OPENED", "{}")
    command_line.from_command_line.cache_clear()
    yield
    command_line.from_command_line.cache_clear()


def test_arguments_of_another_program_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["pytest", "no/such/file.py:Net"])
    assert command_line.from_command_line() == ()


def test_what_cannot_be_opened_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    missing = tmp_path / "missing.py"
    monkeypatch.setattr(sys, "argv", ["/some/app.py", f"{missing}:Net", "nonsense"])
    problems = command_line.from_command_line()
    assert len(problems) == 2
    assert "missing.py" in problems[0]
    assert "nonsense" in problems[1]
