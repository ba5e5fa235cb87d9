"""A step's knobs: every kind is turned on its page, nothing picked is the value before, rows are even."""

from __future__ import annotations

import ast
import math

import pytest
from streamlit.testing.v1 import AppTest

from viz.lectures import course, dials


def page(lecture: str, step: int) -> None:
    """One step of a lecture, with its knobs."""
    import streamlit as st

    from viz.kit.screen import Screen
    from viz.lectures import course, show

    found = course.find_lecture(lecture, "zh")
    assert found is not None
    shown = show._step(found.steps[step], Screen("s"))
    st.text(repr(shown.turned))


def opened(lecture: str, turn: str) -> AppTest:
    found = course.find_lecture(lecture, "en")
    assert found is not None
    step = next(i for i, s in enumerate(found.steps) if any(v.options["turn"] == turn for v in s.views("knobs")))
    at = AppTest.from_function(page, args=(lecture, step), default_timeout=240).run()
    assert not at.exception
    assert not at.error
    return at


def turned(at: AppTest) -> dict[str, dict[str, object]]:
    assert not at.exception
    assert not at.error, [e.value for e in at.error]
    found: dict[str, dict[str, object]] = ast.literal_eval(at.text[0].value)
    return found


def test_every_kind_of_knob_of_the_csp_stage_is_turned() -> None:
    at = opened("cspnet", "partial_ratio, repeats, body, fusion")
    assert turned(at) == {"csp_stage": {"partial_ratio": 0.5, "repeats": 3, "body": "bottleneck", "fusion": "both"}}
    at.segmented_control[0].set_value("darknet").run()
    assert turned(at)["csp_stage"]["body"] == "darknet"
    at.selectbox[0].set_value("fusion_last").run()
    for share in (0.05, 0.15, 0.35, 0.6, 0.95):
        at.slider[0].set_value(share).run()
        assert turned(at)["csp_stage"]["partial_ratio"] == pytest.approx(share)
    at.number_input[0].set_value(7).run()
    assert turned(at)["csp_stage"] == {"partial_ratio": 0.95, "repeats": 7, "body": "darknet", "fusion": "fusion_last"}


def test_where_nothing_is_picked_the_value_stays() -> None:
    at = opened("cspnet", "partial_ratio, repeats, body, fusion")
    at.segmented_control[0].set_value("darknet").run()
    at.segmented_control[0].set_value(None).run()  # as a browser sends it while it draws the control anew
    assert turned(at)["csp_stage"]["body"] == "darknet"


@pytest.mark.parametrize("count", range(1, 13))
def test_rows_are_even_and_no_longer_than_five(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[int] = []
    monkeypatch.setattr(dials.st, "columns", lambda n, **_: rows.append(n) or [object()] * n)
    assert len(dials._places(count, True)) == count
    assert max(rows) <= dials._ACROSS
    assert len(set(rows)) == 1
    assert len(rows) == math.ceil(count / dials._ACROSS)


def test_every_lectures_knobs_start_where_its_file_says() -> None:
    for lecture in course.lectures("en"):
        for step in lecture.steps:
            start = dials.at_start(step)
            assert dials.refusal(step, start) == "", (lecture.name, step.title)
