"""Work that nobody waits for is stopped, and work that one of several users waits for is not."""

from __future__ import annotations

import time

import pytest

from viz.kit import wanted
from viz.kit.wanted import WantedTask, connected, stop_unwanted, want


class Work:
    """A task that runs until it is stopped."""

    ended = False

    def stop(self) -> None:
        self.ended = True


def test_it_goes_on_while_one_of_its_users_is_there() -> None:
    work = Work()
    kept = WantedTask(work, {"a": lambda: False, "b": lambda: True}, seen=time.monotonic() - 10 * wanted.RELOADS_WITHIN)
    stop_unwanted(kept)
    assert not work.ended


def test_it_is_stopped_when_all_are_gone_for_longer_than_a_reload() -> None:
    work = Work()
    kept = WantedTask(work, {"a": lambda: False, "b": lambda: False})
    stop_unwanted(kept)
    assert not work.ended
    kept.seen -= wanted.RELOADS_WITHIN + 1
    stop_unwanted(kept)
    assert work.ended


def test_the_watcher_stops_it_by_itself_and_forgets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wanted, "RELOADS_WITHIN", 0.1)
    monkeypatch.setattr(wanted, "_EVERY", 0.05)
    work, other = Work(), Work()
    want(work, lambda: False)
    want(other, connected())  # without a server nobody can go
    until = time.monotonic() + 60
    while not work.ended and time.monotonic() < until:
        time.sleep(0.05)
    assert work.ended
    assert not other.ended
    other.stop()
    while id(other) in wanted._wanted and time.monotonic() < until:
        time.sleep(0.05)
    assert id(other) not in wanted._wanted, "a task that is over is not held"


def test_a_task_that_is_over_is_not_kept() -> None:
    work = Work()
    work.stop()
    want(work, lambda: False)
    assert not any(kept.task is work for kept in wanted._wanted.values())
