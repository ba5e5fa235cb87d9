"""The published networks' counts, shared by the whole app."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from blocks.space.published import points
from blocks.space.structure import COUNTED_FIGURES
from viz.kit import published_counts


class Job:
    """A count that was given its figures."""

    def __init__(self, state: str = "running") -> None:
        self.state = state
        self.waited: list[float] = []
        self.figures = np.full((len(points()), len(COUNTED_FIGURES)), -1, dtype=np.int64)

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Every job that was begun."""
    jobs: list[Job] = []

    def begin(items: list[Any]) -> Job:
        assert len(items) == len(points())
        jobs.append(Job())
        return jobs[-1]

    monkeypatch.setattr(published_counts, "_task", None)
    monkeypatch.setattr(published_counts, "count_all_in_background", begin)
    monkeypatch.setattr(published_counts, "CountTask", lambda job: SimpleNamespace(job=job, state=job.state, ended=True))
    return jobs


def test_it_is_counted_once_and_again_only_after_a_stop(begun: list[Job]) -> None:
    first = published_counts.published_count()
    assert published_counts.published_count() is first
    first.state = "stopped"  # type: ignore[misc]
    second = published_counts.published_count()
    assert second is not first
    second.state = "done"  # type: ignore[misc]
    assert published_counts.published_count() is second
    assert len(begun) == 2


def test_only_what_is_counted_by_now_is_told(begun: list[Job]) -> None:
    assert published_counts.counted_points() == {}
    begun[0].figures[2] = range(7, 7 + len(COUNTED_FIGURES))
    point = points()[2]
    found = published_counts.counted_points(wait=1.5)
    assert found == {(point.preset, point.side): dict(zip(COUNTED_FIGURES, range(7, 7 + len(COUNTED_FIGURES)), strict=True))}
    assert begun[0].waited == [0.0, 1.5]
