"""Every page runs as it opens, and with its widgets turned (each third by ``make test``, each by ``make thorough``), without an exception."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.thorough import spread

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "pages").glob("*.py"))
SECONDS = 120  # for a run on a busy machine; nothing is timed here


def opened(path: Path) -> AppTest:
    """The page at ``path`` after its first run."""
    return AppTest.from_file(str(path), default_timeout=SECONDS).run()


def complaints(at: AppTest) -> list[str]:
    """The text of each exception on the page."""
    return [e.value for e in at.exception]


def turn(widget: Any) -> bool:
    """Give ``widget`` another valid value; False where it has only one."""
    options = getattr(widget, "options", None)
    if widget.type in ("checkbox", "toggle"):
        widget.set_value(not widget.value)
    elif options:
        others = [i for i, option in enumerate(options) if option != widget.value]
        if not others:
            return False
        widget.select_index(others[0])
    elif isinstance(widget.value, (tuple, list)):  # a slider of a range
        low, high = widget.value
        if low + widget.step > high:
            return False
        widget.set_value((low + widget.step, high))
    elif widget.value is None:  # a number that nobody has given yet
        widget.set_value(widget.min if widget.min is not None else widget.step)
    else:
        low, high, step = widget.min, widget.max, widget.step
        up, down = widget.value + step, widget.value - step
        if high is None or up <= high:
            widget.set_value(up)
        elif low is None or down >= low:
            widget.set_value(down)
        else:
            return False
    return True


def test_the_app_runs() -> None:
    assert complaints(opened(ROOT / "app.py")) == []


def test_there_are_pages() -> None:
    assert PAGES


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.stem)
def test_page_opens(path: Path) -> None:
    at = opened(path)
    assert complaints(at) == []
    assert len(at.main.children) > 0


@pytest.mark.parametrize("kind", ["selectbox", "slider", "number_input", "checkbox", "toggle", "radio"])
@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.stem)
def test_page_runs_with_each_widget_turned(path: Path, kind: str) -> None:
    count = len(opened(path).get(kind))
    for i in spread(range(count), 3, PAGES.index(path)):
        at = opened(path)
        widget = at.get(kind)[i]
        label = widget.label
        if not widget.disabled and turn(widget):
            assert complaints(at.run()) == [], label
