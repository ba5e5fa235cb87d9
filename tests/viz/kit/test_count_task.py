"""A count as a task: its share, its figures so far, its end."""

from __future__ import annotations

import numpy as np
import pytest

from blocks.space import counting
from blocks.space.count import NetworkVariant, Setup
from viz.kit.count_task import CountTask


def job(state: str, counted: int, error: str = "") -> counting.CountJob:
    """A job of four variants that is not in any queue."""
    made = counting.CountJob([(Setup("basic_block"), NetworkVariant())] * 4, np.full((4, 5), -1), _final=state, error=error)
    made._finished_rows = counted
    return made


@pytest.mark.parametrize(
    ("given", "state", "share", "message"),
    [
        (job("waiting", 0), "waiting", 0.0, "Counting 0 of 4"),
        (job("running", 1), "running", 0.25, "Counting 1 of 4"),
        (job("cancelled", 2), "stopped", 0.5, "Counting 2 of 4"),
        (job("failed", 4, "It ended twice."), "failed", 1.0, "It ended twice."),
    ],
)
def test_where_it_stands(given: counting.CountJob, state: str, share: float, message: str) -> None:
    task = CountTask(given)
    assert (task.state, task.share, task.message, task.result) == (state, share, message, None)
    assert task.partial is given.figures


def test_the_figures_of_a_real_count() -> None:
    task = CountTask(counting.count_in_background(Setup("basic_block"), [NetworkVariant({"c_out": 64})]))
    assert task.job.wait(240)
    assert task.state == "done"
    assert task.result is not None
    assert (task.result > 0).all()
    task.stop()
    assert task.state == "done"
