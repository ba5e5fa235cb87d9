"""Measuring several variants in a row: results as they come, what cannot be measured said, and a stop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from blocks.latency import lab
from viz.kit.choice import Choice
from viz.kit.measuring import PointsTask, interval_text, measure_points


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


@pytest.mark.parametrize(("row", "text"), [
    ({"low": 1.234, "high": 1.5, "n": 30, "converged": True}, "1.23 – 1.5"),
    ({"low": 1.234, "high": 2.5, "n": 30, "converged": False}, "1.23 – 2.5, not converged"),
    ({"low": float("nan"), "high": float("nan"), "n": 3, "converged": False}, "none: n = 3 is too few"),
])  # fmt: skip
def test_an_interval_is_said_or_why_there_is_none(row: dict[str, object], text: str) -> None:
    assert interval_text(row) == text
