"""The main loop's answer to a job: a result, a sentence, or that it was cancelled; always cleaned up."""

from __future__ import annotations

from typing import Any

import pytest

from blocks.workers.serve import answer
from tests.workers.echo import Echo


class Pipes:
    """The pipes without processes at their ends."""

    def __init__(self, *cancelled: str) -> None:
        self.cancelled = set(cancelled)
        self.sent: list[dict[str, Any]] = []

    def send(self, **message: Any) -> None:
        self.sent.append(message)


@pytest.mark.parametrize(
    ("kind", "payload", "cancelled", "expected"),
    [
        ("raise", {"words": "two and two"}, (), {"event": "failed", "sentence": "It broke: two and two"}),
        ("count", {"to": 3}, ("7",), {"event": "cancelled"}),
    ],
)
def test_what_does_not_succeed_is_answered_too(kind: str, payload: dict[str, Any], cancelled: tuple[str, ...], expected: dict[str, Any]) -> None:
    handler = Echo()
    assert answer(handler, {"id": "7", "kind": kind, "payload": payload}, Pipes(*cancelled)) == expected  # type: ignore[arg-type]
    assert handler.cleaned == 1


def test_progress_carries_the_jobs_id() -> None:
    pipes = Pipes("another")
    reply = answer(Echo(), {"id": "7", "kind": "count", "payload": {"to": 2}}, pipes)  # type: ignore[arg-type]
    assert reply["event"] == "result"
    assert [(m["event"], m["id"], m["progress"]["done"]) for m in pipes.sent] == [("progress", "7", 1), ("progress", "7", 2)]
