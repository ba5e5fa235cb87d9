"""One worker process: it serves the handler that it was given, and says why it ended."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from blocks.workers.process import WorkerProcess
from tests.workers.echo import Echo

HANDLER = "tests.workers.echo:Echo"


@pytest.fixture
def process() -> Iterator[WorkerProcess]:
    made = WorkerProcess(HANDLER, ["somebody"], {"OMP_NUM_THREADS": "3"}, "echoing process")
    yield made
    made.kill()


def heard(process: WorkerProcess) -> dict[str, Any] | None:
    message = process.next(120)
    assert message is not False
    return message  # type: ignore[return-value]


def test_it_answers_with_arguments_and_environment(process: WorkerProcess) -> None:
    assert heard(process) == {"event": "ready"}
    assert process.send({"op": "job", "id": "7", "kind": "echo", "payload": {"a": [1, None]}})
    reply = heard(process)
    assert reply is not None
    assert (reply["event"], reply["id"]) == ("result", "7")
    assert reply["result"] == {
        "said": {"a": [1, None]},
        "name": "somebody",
        "cleaned": 0,
        "pid": process.pid,
        "niceness": min(os.nice(0) + Echo.niceness, 19),
        "threads": "3",
    }
    assert process.resident() > 0
    process.kill()
    assert heard(process) is None
    assert process.ended
    assert not process.send({"op": "cancel", "id": "7"})
    assert process.resident() == 0


def test_it_says_how_it_ended(process: WorkerProcess) -> None:
    heard(process)
    process.send({"op": "job", "id": "8", "kind": "die", "payload": {"code": 5}})
    assert heard(process) is None
    assert process.cause_of_death() == "The echoing process ended by itself (code 5)."


def test_a_killed_one_names_the_signal(process: WorkerProcess) -> None:
    heard(process)
    os.kill(process.pid, signal.SIGKILL)
    assert heard(process) is None
    assert process.cause_of_death() == "The echoing process was killed (SIGKILL, by a user or by the system when memory ran out)."


def test_one_that_cannot_clean_up_answers_and_ends() -> None:
    process = WorkerProcess(HANDLER, ["unclean"], None, "echoing process")
    try:
        heard(process)
        process.send({"op": "job", "id": "9", "kind": "echo", "payload": {}})
        reply = heard(process)
        assert reply is not None
        assert (reply["event"], reply["id"]) == ("result", "9")
        assert heard(process) is None
    finally:
        process.kill()


def test_the_apps_password_is_not_in_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_PASSWORD", "correct horse")
    made = WorkerProcess(HANDLER, ["somebody"])
    try:
        assert "EXPLORER_PASSWORD" not in psutil.Process(made.pid).environ()
    finally:
        made.kill()
