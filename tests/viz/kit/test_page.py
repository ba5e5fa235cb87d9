"""What every page begins with."""

from __future__ import annotations

import gc

import pytest
import streamlit as st

from viz.kit import page


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The HTML that a page's beginning writes."""
    texts: list[str] = []
    monkeypatch.setattr(gc, "freeze", lambda: None)  # nothing of a test is kept for good
    monkeypatch.setattr(st, "session_state", {})
    monkeypatch.setattr(st, "html", texts.append)
    monkeypatch.setattr(page, "from_command_line", lambda: ())
    monkeypatch.setattr(page, "settle_language", lambda: None)
    monkeypatch.setattr(page, "language_switch", lambda: None)
    return texts


def test_only_a_steady_page_keeps_old_elements_from_fading(written: list[str]) -> None:
    page.begin_page()
    page.begin_page(steady=True)
    assert ["data-stale" in text for text in written] == [False, True]
