"""The line below the figures that says how far an opened network's count was checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from blocks.cost.check import Check, Difference
from blocks.workers.job import Job
from viz.explore import check_note as module


def _page() -> None:
    import streamlit as st

    from viz.explore.check_note import check_note
    from viz.kit.choice import Choice

    class Opened(Choice):
        shape = (1, 3, 8, 8)

    check_note(Opened(st.session_state.get("name", "file:Own"), batch=st.session_state.get("batch", 1)))


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """The checks that the page has begun; none of them runs."""
    jobs: list[Job] = []

    def begin(*_: Any) -> Job:
        jobs.append(Job(str(len(jobs)), "check", {}, "session"))
        return jobs[-1]

    monkeypatch.setattr(module, "check_in_background", begin)
    monkeypatch.setattr(module, "cancel_check", lambda job: job.end("cancelled"))
    return jobs


def _done(found: Check) -> Callable[[Job], None]:
    def end(job: Job) -> None:
        job.result = found.as_json()
        job.end("done")

    return end


@pytest.mark.parametrize(("end", "said"), [
    (lambda _: None, ["Checking the count against torch's counter."]),
    (_done(Check(312, no_rule=(("a", ""), ("b", "")))), [":material/verified:", "agrees on all 312 products", "2 operations have no rule"]),
    (_done(Check(1, (Difference("linear", "head", 4, 2),))), [":material/error:", "agrees on 1 of 2 products", "linear in head"]),
    (_done(Check(0)), [":material/info:", "no product"]),
    (lambda job: job.end("failed", "Stopped after 120 s, the time limit of a job."), ["The count was not checked", "Stopped after 120 s"]),
])  # fmt: skip
def test_a_check_is_begun_once_and_said(begun: list[Job], end: Callable[[Job], None], said: list[str]) -> None:
    at = AppTest.from_function(_page).run()
    end(begun[0])
    at.run()
    assert not at.exception
    (caption,) = at.caption
    text = caption.value.replace("\\", "")
    assert all(words in text for words in said), text
    assert len(begun) == 1


def test_a_turned_network_is_checked_anew_and_the_old_check_stops(begun: list[Job]) -> None:
    at = AppTest.from_function(_page).run()
    at.session_state["name"] = "file:Other"
    at.run()
    assert [job.state for job in begun] == ["cancelled", "queued"]


def test_the_catalogs_own_need_no_note(begun: list[Job]) -> None:
    at = AppTest.from_function(_page)
    at.session_state["name"] = "resnet18"
    at.run()
    assert not at.exception
    assert not at.caption
    assert begun == []
