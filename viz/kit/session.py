"""Which browser session a page is run for, and whether its user is still there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

_WHERE = "session.where"


def session() -> str:
    """The browser session's name, by which the lab lets sessions take turns."""
    context = get_script_run_ctx()
    return context.session_id if context else "local"


@dataclass
class _Where:
    """The page that a session shows, and what of it; changed by the session's script, read by any thread."""

    page: str = ""
    part: str = ""


def _where() -> _Where:
    found: _Where = st.session_state.setdefault(_WHERE, _Where())
    return found


def note_page() -> None:
    """Note which page is shown from now on. Every page's run begins with it."""
    context = get_script_run_ctx()
    _where().page = context.page_script_hash if context else ""


def note_part(part: str) -> None:
    """Note which ``part`` of the page is shown from now on, such as a lecture."""
    _where().part = part


def still_there() -> Callable[[], bool]:
    """Ask what this returns, from any thread, whether the user is still connected and at the page and part of now."""
    where, name = _where(), session()
    then = (where.page, where.part)

    def stays() -> bool:
        return (where.page, where.part) == then and (not runtime.exists() or runtime.get_instance().is_active_session(name))

    return stays
