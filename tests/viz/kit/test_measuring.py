"""Measuring several variants in a row: results as they come, what cannot be measured said, and a stop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from blocks.latency import lab
from viz.kit.choice import Choice
from viz.kit.measuring import PointsTask, measure_points


@pytest.fixture(scope="module", autouse=True)
def _ended() -> Iterator[None]:
    yield
    lab.shutdown()


def finished(run: PointsTask) -> PointsTask:
    for task in run.tasks.values():
        lab.wait(task.job, 240)
    return run


def test_every_point_gets_its_median_and_what_cannot_be_measured_a_sentence() -> None:
    points = {
        2.0: Choice("inverted_residual", {"expansion": 2.0}, side=8),
        4.0: Choice("inverted_residual", {"expansion": 4.0}, side=8),
        0.0: Choice("vgg11", {}, side=64, dtype="int8"),
    }
    run = finished(measure_points(points, "cpu"))
    assert run.over
    frame = run.partial
    assert sorted(frame["point"]) == [2.0, 4.0]
    assert (frame["median"] > 0).all()
    assert (frame["low"].fillna(0) <= frame["median"]).all()
    assert list(run.problems) == [0.0]
    assert "dtype" in run.problems[0.0]


def test_a_stopped_run_keeps_what_it_has_and_does_not_run_on() -> None:
    run = measure_points({i: Choice("vgg16", {}, side=64 + 32 * i) for i in range(4)}, "cpu")
    assert not run.over
    run.stop()
    assert run.over
    finished(run)
    assert not run.problems
    assert len(run.measured) < 4
