"""Whether a session still shows the page and the part that something was begun for."""

from __future__ import annotations

import pytest
import streamlit as st

from viz.kit import session


@pytest.fixture(autouse=True)
def _state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {})


def test_outside_of_the_app_the_session_is_local() -> None:
    assert session.session() == "local"


def test_another_part_ends_it_and_coming_back_counts() -> None:
    session.note_part("resnet")
    stays = session.still_there()
    assert stays()
    session.note_part("vgg")
    assert not stays()
    session.note_part("resnet")
    assert stays()


def test_another_page_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Context:
        session_id = "s1"
        page_script_hash = "first"

    context = Context()
    monkeypatch.setattr(session, "get_script_run_ctx", lambda: context)
    session.note_page()
    stays = session.still_there()
    assert session.session() == "s1"
    assert stays()
    context.page_script_hash = "second"
    session.note_page()
    assert not stays()


@pytest.mark.parametrize("connected", [True, False])
def test_a_user_who_left_is_not_there(monkeypatch: pytest.MonkeyPatch, connected: bool) -> None:
    class Runtime:
        def is_active_session(self, name: str) -> bool:
            return connected and name == "local"

    monkeypatch.setattr(session.runtime, "exists", lambda: True)
    monkeypatch.setattr(session.runtime, "get_instance", Runtime)
    assert session.still_there()() is connected
