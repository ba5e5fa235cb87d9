"""The stage: keyboard, fitting type and the style sheets of a lecture's page."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st

from blocks.knobs.reading import as_whole
from blocks.language import LANGUAGES
from viz.kit import palette
from viz.kit.charts import is_dark
from viz.kit.scripts import joined_script
from viz.lectures.address import LECTURES, LecturePosition

_ASSETS = Path(__file__).parent / "assets"
_SMALLEST, _LARGEST = 480, 4320
_PRESSED = "lecture.pressed"
_MOST_ACTIONS = 50  # that one message may ask for; assets/presses.js sends no more


@cache
def asset(name: str) -> str:
    """A file of the front-end."""
    return (_ASSETS / name).read_text("utf-8")


_mount = st.components.v2.component("lecture_stage", js=joined_script(_ASSETS / "stage.js"), html="<span hidden></span>")
_clock = st.components.v2.component("lecture_clock", html="<time></time> <button></button>", css=asset("clock.css"), js=joined_script(_ASSETS / "clock.js"))
_print = st.components.v2.component(
    "lecture_print",
    html="<button></button>",
    css="""button { font: inherit; color: var(--st-text-color); background: transparent; border: 1px solid var(--st-border-color);
    border-radius: var(--st-button-radius); padding: 0.35rem 0.9rem; cursor: pointer; } button:hover { border-color: var(--st-primary-color); }""",
    js=joined_script(_ASSETS / "print.js"),
)


def styles(place: LecturePosition) -> None:
    """The style sheets that the page needs now."""
    wanted = {"present.css": place.present, "handout.css": place.handout, "presenter.css": place.notes and not place.handout}
    sheets = [asset("lecture.css"), *(asset(name) for name, on in wanted.items() if on)]
    dark = is_dark()
    colours = f":root {{ --l-ground: {palette.GROUND.on(dark)}; --l-card: {palette.CARD.on(dark)}; --l-line: {palette.LINE.on(dark)}55; }}"
    st.html("<style>" + "\n".join([colours, *sheets]) + "</style>")


def keys(place: LecturePosition) -> None:
    """Listen to the keyboard, fit the type and learn the window's size."""

    def go() -> None:
        number, _, actions = str(dict(st.session_state.get("lecture-stage") or {}).get("go") or "").partition(":")
        if as_whole(number) is not None:
            # Keys pressed faster than the page runs arrive as one message: the last one's number, and those that may not have been heard.
            unheard = max(int(number) - st.session_state.get(_PRESSED, 0), 1)
            st.session_state[_PRESSED] = int(number)
            for action in actions.split(" ")[-min(unheard, _MOST_ACTIONS) :]:
                # From where the last run got to, which may have been interrupted before it came to this line.
                follow_key(LECTURES.state(lambda: place), action)

    with st.container(key="lecture-stage-place", height=1, border=False):
        _mount(
            key="lecture-stage",
            data={
                "present": place.present,
                "covered": place.overview or place.code,
                "turns": not place.handout,
                "size": _told_size(),
                "pressed": st.session_state.get(_PRESSED, 0),
                "lecture": place.lecture.name if place.lecture else "",
                "step": place.step,
                "language": place.language,
            },
            on_go_change=go,
            on_size_change=lambda: None,
        )


def follow_key(place: LecturePosition, what: str) -> None:
    """What a key asks for."""
    last = len(place.lecture.steps) if place.lecture else 1
    steps = {"next": min(place.step + 1, last), "previous": max(place.step - 1, 1), "first": 1, "last": last}
    if what in steps:
        place.go(step=steps[what])
    elif what.startswith("step-") and 1 <= (as_whole(what.removeprefix("step-")) or 0) <= last:
        place.go(step=int(what.removeprefix("step-")))
    elif what in ("notes", "present", "overview", "code"):
        place.go(**{what: not getattr(place, what)})
    elif what == "language":
        place.go(language=next(language for language in LANGUAGES if language != place.language))
    elif what == "leave":
        place.go(**({"overview": False, "code": False} if place.overview or place.code else {"present": False}))


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


def clock(start_again: str) -> None:
    """The time of day and the minutes since the window was opened; a button starts them again."""
    _clock(key="lecture-clock", data={"label": start_again})


def print_button(label: str) -> None:
    """A button that opens the browser's print dialogue."""
    _print(key="lecture-print", data={"label": label})
