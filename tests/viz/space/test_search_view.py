"""A search as a task: its share and message, its stop, its end."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from viz.kit.choice import Choice
from viz.space.address import Design
from viz.space.search_view import SearchTask

DESIGN = Design(Choice("mobilenet_v2"))


def task(state: str, over: bool, error: str = "") -> SearchTask:
    search: Any = SimpleNamespace(state=state, over=over, error=error, done=30, trials=120, refused=4, frame=lambda: "rows", stop=lambda: None)
    return SearchTask(search, DESIGN)


@pytest.mark.parametrize(
    ("given", "state", "message", "result"),
    [
        (task("running", False), "running", "30 of 120 trials, 4 refused", None),
        (task("stopped", False), "running", "30 of 120 trials, 4 refused", None),
        (task("stopped", True), "stopped", "30 of 120 trials, 4 refused", None),
        (task("done", True), "done", "30 of 120 trials, 4 refused", "rows"),
        (task("failed", True, "It broke."), "failed", "It broke.", None),
    ],
)
def test_where_it_stands(given: SearchTask, state: str, message: str, result: object) -> None:
    assert (given.state, given.message, given.result) == (state, message, result)
    assert given.share == 0.25
    assert given.about is DESIGN
    assert str(given.partial) == "rows"
