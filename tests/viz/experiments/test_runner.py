"""An experiment's run: it ends when it is stopped, when nobody waits for it any more, and it says what went wrong."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest
from streamlit import runtime

from blocks.experiments.base import ClaimVerdict, LiveExperiment, RunProgress
from blocks.knobs import KnobError
from viz.experiments.runner import started
from viz.kit import session


@dataclass(frozen=True)
class Result:
    verdict: ClaimVerdict


def endless(watch: RunProgress) -> Result:
    """Ticks until it is told to stop."""
    while True:
        watch.tick(0.5, "so far")
        threading.Event().wait(0.005)


def at_once(watch: RunProgress) -> Result:
    watch.tick(1.0)
    return Result(ClaimVerdict(True))


def experiment(run: object) -> LiveExperiment:
    return LiveExperiment({"en": "T"}, {"en": ""}, {"en": ""}, run)  # type: ignore[arg-type]


def test_stop_ends_it_and_what_there_was_stays() -> None:
    run = started(experiment(endless), {})
    while run.partial is None:
        threading.Event().wait(0.005)
    assert not run.over
    run.stop()
    run.wait(20)
    assert (run.state, run.partial, run.result) == ("stopped", "so far", None)


def test_it_ends_by_itself_when_nobody_waits_for_it() -> None:
    there = threading.Event()
    there.set()
    run = started(experiment(endless), {}, there.is_set)
    while run.partial is None:
        threading.Event().wait(0.005)
    there.clear()
    run.wait(20)
    assert run.state == "stopped"


def test_one_that_waits_for_its_turn_ends_as_well_and_the_next_gets_it() -> None:
    first = started(experiment(endless), {})
    while first.partial is None:
        threading.Event().wait(0.005)
    second = started(experiment(endless), {}, lambda: False)
    second.wait(20)
    assert (second.state, second.partial) == ("stopped", None)
    first.stop()
    third = started(experiment(at_once), {})
    third.wait(20)
    assert third.state == "done"


@pytest.mark.parametrize("error", [KnobError("depth", 3, "must be odd"), RuntimeError("no memory")])
def test_what_went_wrong_is_kept(error: Exception) -> None:
    def fails(watch: RunProgress) -> Result:
        watch.tick(0.1)
        raise error

    run = started(experiment(fails), {})
    run.wait(20)
    assert (run.state, run.error) == ("failed", error)


class Server:
    """A runtime with one connected session."""

    def __init__(self, *connected: str) -> None:
        self.connected = set(connected)

    def is_active_session(self, name: str) -> bool:
        return name in self.connected


def test_a_person_stays_until_the_page_is_closed_or_shows_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    where, server = session._Where("lectures", "resnet"), Server("s1")
    monkeypatch.setattr(session, "_where", lambda: where)
    monkeypatch.setattr(session, "session", lambda: "s1")
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", lambda: server)
    stays = session.still_there()
    assert stays()
    where.part = "vgg"
    assert not stays()
    where.part = "resnet"
    assert stays()
    where.page = "explore"
    assert not stays()
    where.page = "lectures"
    server.connected.clear()
    assert not stays()
