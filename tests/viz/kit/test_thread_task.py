"""A function in a thread as a task: reports, a turn to wait for, and what it raises."""

from __future__ import annotations

import threading

import pytest

from blocks.experiments.base import RunProgress
from blocks.knobs import KnobError
from viz.kit.thread_task import ThreadTask


def test_share_never_falls_and_the_last_partial_result_stays() -> None:
    reached, go_on = threading.Event(), threading.Event()

    def work(watch: RunProgress) -> str:
        watch.tick(0.6, "early")
        watch.tick(0.4)
        reached.set()
        go_on.wait(20)
        return "whole"

    task = ThreadTask(work, about="of").start()
    assert reached.wait(20)
    assert (task.state, task.share, task.partial, task.result, task.about) == ("running", 0.6, "early", None, "of")
    go_on.set()
    task.wait(20)
    assert (task.state, task.share, task.result) == ("done", 1.0, "whole")


def test_it_waits_for_its_turn_and_can_be_stopped_there() -> None:
    turn = threading.Lock()
    with turn:
        task = ThreadTask(lambda _: 1, turn=turn).start()
        task.wait(0.15)
        assert task.state == "waiting"
        task.stop()
        task.wait(20)
    assert task.state == "stopped"
    assert not turn.locked()


@pytest.mark.parametrize(
    ("error", "message"), [(KnobError("depth", 3, "must be odd"), "depth = 3: must be odd"), (RuntimeError("no memory"), "RuntimeError: no memory")]
)
def test_what_it_raises_is_its_message(error: Exception, message: str) -> None:
    def work(_: RunProgress) -> None:
        raise error

    task = ThreadTask(work).start()
    task.wait(20)
    assert task.state == "failed"
    assert message in task.message
