"""The Lectures page: the course, every step of every lecture, what the address keeps, what knobs and bad addresses do."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from blocks.experiments import base
from blocks.experiments.base import RunProgress
from viz.kit import address
from viz.lectures import course
from viz.lectures.source import read_lecture

PAGE = Path(__file__).resolve().parents[2] / "pages" / "lectures.py"


def opened(**params: str) -> AppTest:
    at = AppTest.from_file(str(PAGE), default_timeout=240)
    for name, value in params.items():
        at.query_params[name] = value
    return at.run()


def text(at: AppTest) -> str:
    return "\n".join(m.value for m in at.markdown)


def one(at: AppTest, name: str) -> str:
    value = at.query_params[name]
    return value[0] if isinstance(value, list) else value


def press(at: AppTest, key: str) -> AppTest:
    return next(b for b in at.button if b.key == key).click().run()


def test_it_opens_on_the_course_in_either_language() -> None:
    for language, head in (("en", "Lectures"), ("zh", "课程")):
        at = opened(lang=language)
        assert not at.exception
        assert head in text(at)
        assert all(lecture.title in text(at) for lecture in course.lectures(language))


@pytest.mark.parametrize("path", course.files(), ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_the_handout_shows_every_step(path: Path) -> None:
    lecture = read_lecture(path)
    at = opened(lecture=lecture.name, lang=lecture.language, handout="1")
    assert not at.exception
    assert not at.error, [e.value for e in at.error]
    assert all(step.title in text(at) for step in lecture.steps)
    assert "{{" not in text(at)


def test_steps_turn_and_the_address_follows() -> None:
    at = press(opened(lecture="resnet", lang="zh"), "next")
    assert (one(at, "step"), one(at, "lang")) == ("2", "zh")
    at = press(at, "present")
    assert one(at, "present") == "1"
    at = press(at, "lang-en")
    assert "lang" not in at.query_params
    assert one(at, "step") == "2"
    at = press(press(at, "previous"), "present")
    assert "step" not in at.query_params
    assert "present" not in at.query_params


@pytest.mark.parametrize(("back", "step"), [(False, "3"), (True, None)])
def test_a_run_with_the_address_that_was_left_goes_on_but_going_back_leads_there(back: bool, step: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    at = press(opened(lecture="resnet", step="2"), "next")
    assert one(at, "step") == "3"
    monkeypatch.setattr(address, "by_history", lambda: back)
    at.query_params["step"] = "2"  # the browser has not heard of step 3 yet, or the user goes back
    at.run()
    assert one(at, "step") == (step or "2")
    assert f"## {course.find_lecture('resnet', 'en').steps[int(step or 2) - 1].title}" in text(at)


def test_knobs_move_the_numbers_of_their_step_and_are_kept() -> None:
    at = opened(lecture="resnet", step="3")
    assert "69\\,632" in text(at)
    next(s for s in at.slider if s.key.endswith("kernel_size")).set_value(5).run()
    assert "135\\,168" in text(at)
    at = press(press(at, "next"), "previous")
    assert "135\\,168" in text(at)
    assert not at.exception


def test_a_setting_that_cannot_work_leaves_the_last_good_screen() -> None:
    at = opened(lecture="resnet", step="3")
    next(n for n in at.number_input if n.key.endswith("groups")).set_value(7).run()
    assert not at.exception
    assert any("must divide" in e.value for e in at.error)
    assert "69\\,632" in text(at)


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"lecture": "nothing"}, "There is no lecture called"),
        ({"lecture": "../../README"}, "There is no lecture called"),
        ({"lecture": "resnet", "step": "99"}, "must be a whole number between 1 and"),
        ({"lecture": "resnet", "step": "-1"}, "must be a whole number between 1 and"),
        ({"lecture": "resnet", "step": "x²"}, "must be a whole number between 1 and"),
        ({"lecture": "resnet", "lang": "xx"}, "lang = 'xx'"),
    ],
)
def test_a_bad_address_is_said(params: dict[str, str], sentence: str) -> None:
    at = opened(**params)
    assert not at.exception
    assert any(sentence in i.value for i in at.info), [i.value for i in at.info]


def test_the_overview_leads_to_any_step_and_back() -> None:
    at = press(opened(lecture="resnet"), "overview")
    assert one(at, "overview") == "1"
    at = press(at, "to-5")
    assert (one(at, "step"), "overview" in at.query_params) == ("5", False)
    assert not at.exception


def test_a_students_answer_is_kept_in_the_link_and_goes_with_the_lecture() -> None:
    at = opened(lecture="vgg", step="4")
    at.text_area[0].set_value("More maps, so more bytes.").run()
    assert one(at, "a4.1") == "More maps, so more bytes."
    at = press(at, "next")
    assert one(at, "a4.1") == "More maps, so more bytes."
    assert opened(lecture="vgg", step="4", **{"a4.1": "Mine"}).text_area[0].value == "Mine"
    assert not opened(lecture="vgg", step="4", present="1").text_area  # never on the projector
    at = press(at, "all")
    assert "a4.1" not in at.query_params


def test_notes_and_answers_are_there_when_asked_for() -> None:
    assert "identity" not in text(opened(lecture="resnet"))
    assert "identity" in text(opened(lecture="resnet", notes="1")).lower()


def endless(watch: RunProgress) -> None:
    while True:
        watch.tick(0.5)
        threading.Event().wait(0.005)


@pytest.mark.parametrize("there", [{"lecture": "vgg"}, {}])
def test_an_experiment_ends_when_its_lecture_is_left(there: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    slow = replace(base.find_experiment("plain_and_residual"), run=lambda watch, **_: endless(watch))
    monkeypatch.setattr(base, "find_experiment", lambda _: slow)
    step = next(n for n, s in enumerate(course.find_lecture("resnet", "en").steps, 1) if s.views("experiment"))
    at = opened(lecture="resnet", step=str(step))
    next(b for b in at.button if b.key.endswith(".go")).click().run()
    run = next(iter(at.session_state["tasks"].values()))
    at = press(at, "next")
    run.wait(0.2)
    assert not run.over  # it goes on while the lecture does
    if there:
        at.query_params = dict(there)
        at.run()
    else:
        press(at, "all")
    run.wait(60)
    assert run.state == "stopped"
