"""What every page begins with."""

from __future__ import annotations

import gc

import pytest
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from viz.kit import page


class Rerun(Exception):
    """The page starts again."""


def rerun() -> None:
    raise Rerun


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The HTML that a page's beginning writes."""
    texts: list[str] = []
    monkeypatch.setattr(gc, "freeze", lambda: None)  # nothing of a test is kept for good
    monkeypatch.setattr(st, "session_state", {})
    monkeypatch.setattr(st, "rerun", rerun)
    monkeypatch.setattr(st, "html", texts.append)
    monkeypatch.setattr(page, "from_command_line", lambda: ())
    monkeypatch.setattr(page, "settle_language", lambda: None)
    monkeypatch.setattr(page, "language_switch", lambda: None)
    return texts


def test_a_run_of_the_older_navigation_starts_again_once(monkeypatch: pytest.MonkeyPatch, written: list[str]) -> None:
    monkeypatch.setattr(PagesManager, "uses_pages_directory", True)
    with pytest.raises(Rerun):
        page.begin_page()
    assert PagesManager.uses_pages_directory is False
    assert written == []
    page.begin_page()
    assert len(written) == 1


def test_only_a_steady_page_keeps_old_elements_from_fading(monkeypatch: pytest.MonkeyPatch, written: list[str]) -> None:
    monkeypatch.setattr(PagesManager, "uses_pages_directory", False)
    page.begin_page()
    page.begin_page(steady=True)
    assert ["data-stale" in text for text in written] == [False, True]
