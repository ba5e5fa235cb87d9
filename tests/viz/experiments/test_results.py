"""The last result of an experiment is kept for everyone, except where it is of a user's own picture."""

from __future__ import annotations

import time

import pytest

from blocks.experiments.base import ClaimVerdict, LiveExperiment, RunProgress
from viz.experiments import results
from viz.experiments.runner import started


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "_kept", type(results._kept)())


def test_a_result_is_found_under_its_own_settings_with_its_age() -> None:
    results.keep_result("e", {"depth": 3, "norm": True}, "found", time.time() - 185)
    kept = results.last_result("e", {"norm": True, "depth": 3})
    assert kept is not None
    assert (kept.result, kept.minutes) == ("found", 3)
    assert results.last_result("e", {"norm": True, "depth": 4}) is None
    assert results.last_result("f", {"norm": True, "depth": 3}) is None


def test_a_result_on_a_users_own_picture_stays_with_the_user() -> None:
    results.keep_result("e", {"picture": object()}, "found")
    assert not results._kept


def test_only_so_many_are_kept_the_newest() -> None:
    for depth in range(results._MOST + 2):
        results.keep_result("e", {"depth": depth}, depth)
    assert len(results._kept) == results._MOST
    assert results.last_result("e", {"depth": 1}) is None


def test_a_run_keeps_its_result_and_one_that_may_reuse_it_does_not_run_again() -> None:
    ran: list[int] = []

    def run(watch: RunProgress, depth: int) -> ClaimVerdict:
        watch.tick(1.0)
        ran.append(depth)
        return ClaimVerdict(True)

    experiment = LiveExperiment({"en": "T"}, {"en": ""}, {"en": ""}, run)
    for reuse, times in ((False, 1), (True, 1), (False, 2)):
        task = started(experiment, {"depth": 3}, name="e", reuse=reuse)
        task.wait(20)
        assert (task.state, len(ran)) == ("done", times)
