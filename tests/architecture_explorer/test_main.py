"""The command picks the right program, and answers a wrong command with a sentence and status 2."""

from __future__ import annotations

import contextlib

import pytest

import blocks
from architecture_explorer import start
from architecture_explorer.__main__ import COMMANDS, USAGE, main


def test_every_command_is_in_the_usage() -> None:
    assert [line.split()[0] for line in USAGE.splitlines() if line.startswith("  ")] == list(COMMANDS)


@pytest.mark.parametrize("command", ["run", "count", "diff", "latency"])
def test_help_names_the_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with contextlib.suppress(SystemExit):  # argparse ends the program itself
        assert main([command, "--help"]) == 0
    assert f"usage: architecture-explorer {command} " in capsys.readouterr().out


def test_count_says_what_the_library_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["count", "resnet50", "--se-ratio", "16"]) == 0
    assert "28,088,024" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.split() == ["architecture-explorer", blocks.__version__]


def test_a_wrong_command_is_named_with_its_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cuont", "resnet50"]) == 2
    assert "no command 'cuont'. Nearest: count." in capsys.readouterr().err


@pytest.mark.parametrize(("typed", "passed"), [
    ([], []),
    (["run"], []),
    (["--server.port", "9"], ["--server.port", "9"]),
    (["nets/net.py:Net@1,3,8,8", "net.pt2"], ["nets/net.py:Net@1,3,8,8", "net.pt2"]),
    (["run", "net.pt2"], ["net.pt2"]),
])  # fmt: skip
def test_the_app_is_what_starts_by_default(typed: list[str], passed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    monkeypatch.setattr(start, "main", lambda words, program: started.append((words, program)) or 0)
    assert main(typed) == 0
    assert started == [(passed, "architecture-explorer run")]
