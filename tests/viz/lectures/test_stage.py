"""Keys of the stage and the window's size."""

from __future__ import annotations

from typing import Any

import pytest
import streamlit as st

from viz.lectures import course, stage
from viz.lectures.address import LecturePosition

LECTURE = course.lectures("en")[0]


@pytest.mark.parametrize(
    ("step", "key", "changed"),
    [
        (1, "next", {"step": 2}),
        (len(LECTURE.steps), "next", {"step": len(LECTURE.steps)}),
        (1, "previous", {"step": 1}),
        (2, "first", {"step": 1}),
        (1, "last", {"step": len(LECTURE.steps)}),
        (1, "notes", {"notes": True}),
        (1, "present", {"present": True}),
        (1, "leave", {"present": False}),
        (1, "overview", {"overview": True}),
        (1, "code", {"code": True}),
        (1, "language", {"language": "zh"}),
        (1, "step-3", {"step": 3}),
        (1, "step-99", None),
        (1, "step-x", None),
        (1, "dance", None),
    ],
)
def test_where_a_key_leads(monkeypatch: pytest.MonkeyPatch, step: int, key: str, changed: dict[str, Any] | None) -> None:
    went: list[dict[str, Any]] = []
    monkeypatch.setattr(LecturePosition, "go", lambda _, **changes: went.append(changes))
    stage.follow_key(LecturePosition(lecture=LECTURE, step=step), key)
    assert went == ([] if changed is None else [changed])


@pytest.mark.parametrize(
    ("told", "size"),
    [
        (None, (1280, 720)),
        ("1920x1080", (1920, 1080)),
        ("800x100", (800, 480)),
        ("800x9999", (800, 4320)),
        ("800x-5", (800, 480)),
        ("axb", (1280, 720)),
        ("-5x800", (1280, 720)),
        ("0x800", (1280, 720)),
        ("²x800", (1280, 720)),
    ],
)
def test_the_window_is_what_was_reported_within_reason(monkeypatch: pytest.MonkeyPatch, told: str | None, size: tuple[int, int]) -> None:
    monkeypatch.setattr(st, "session_state", {} if told is None else {"lecture-stage": {"size": told}})
    assert stage.window() == size
