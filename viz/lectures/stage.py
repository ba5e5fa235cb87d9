"""The stage: keyboard, fitting type and the style sheets of a lecture's page."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st

from blocks.knobs.reading import as_whole
from viz.kit import palette
from viz.kit.charts import is_dark
from viz.kit.scripts import joined_script
from viz.lectures.address import LecturePosition

_ASSETS = Path(__file__).parent / "assets"
_SMALLEST, _LARGEST = 480, 4320
_PRESSED = "lecture.pressed"


@cache
def asset(name: str) -> str:
    """A file of the front-end."""
    return (_ASSETS / name).read_text("utf-8")


_mount = st.components.v2.component("lecture_stage", js=joined_script(_ASSETS / "stage.js"), html="<span hidden></span>")
_print = st.components.v2.component(
    "lecture_print",
    html="<button></button>",
    css="""button { font: inherit; color: var(--st-text-color); background: transparent; border: 1px solid var(--st-border-color);
    border-radius: var(--st-button-radius); padding: 0.35rem 0.9rem; cursor: pointer; } button:hover { border-color: var(--st-primary-color); }""",
    js=joined_script(_ASSETS / "print.js"),
)


def styles(place: LecturePosition) -> None:
    """The style sheets that the page needs now."""
    sheets = [asset("lecture.css")] + ([asset("present.css")] if place.present else []) + ([asset("handout.css")] if place.handout else [])
    dark = is_dark()
    colours = f":root {{ --l-ground: {palette.GROUND.on(dark)}; --l-card: {palette.CARD.on(dark)}; --l-line: {palette.LINE.on(dark)}55; }}"
    st.html("<style>" + "\n".join([colours, *sheets]) + "</style>")


def keys(place: LecturePosition) -> None:
    """Listen to the keyboard, fit the type and learn the window's size."""

    def go() -> None:
        number, _, what = str(dict(st.session_state.get("lecture-stage") or {}).get("go") or "").partition(":")
        if as_whole(number) is not None:
            # Keys pressed faster than the page runs arrive as one message with the last one's number.
            times = max(int(number) - st.session_state.get(_PRESSED, 0), 1)
            st.session_state[_PRESSED] = int(number)
            follow_key(place, what, times)

    with st.container(key="lecture-stage-place", height=1, border=False):
        _mount(
            key="lecture-stage",
            data={"present": place.present, "turns": not place.handout, "size": _told_size(), "pressed": st.session_state.get(_PRESSED, 0)},
            on_go_change=go,
            on_size_change=lambda: None,
        )


def follow_key(place: LecturePosition, what: str, times: int = 1) -> None:
    """What a key asks for, pressed so many ``times``."""
    last = len(place.lecture.steps) if place.lecture else 1
    steps = {"next": min(place.step + times, last), "previous": max(place.step - times, 1), "first": 1, "last": last}
    if what in steps:
        place.go(step=steps[what])
    elif what == "notes":
        place.go(notes=not place.notes)
    elif what == "present":
        place.go(present=not place.present)
    elif what == "leave":
        place.go(present=False)


def in_browser() -> bool:
    """Whether a browser has told its window's size: somebody looks at the page."""
    return bool(_told_size())


def _told_size() -> str:
    return str(dict(st.session_state.get("lecture-stage") or {}).get("size") or "")


def window() -> tuple[int, int]:
    """(width, height) of the user's window as last reported; a small projector's before that."""
    width, height = (as_whole(part) if len(part) < 6 else None for part in _told_size().partition("x")[::2])
    if width is None or height is None or width < 1:
        return 1280, 720
    return width, min(max(height, _SMALLEST), _LARGEST)


def print_button(label: str) -> None:
    """A button that opens the browser's print dialogue."""
    _print(key="lecture-print", data={"label": label})
