"""Which browser session a page is run for, and whether its user is still there."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

_WHERE = "session.where"
_RECENT = 3.0  # seconds in which a session that ran a page may well run one again
#: When each session last ran a page, by a clock that nobody sets; those of long ago are dropped.
_RAN: dict[str, float] = {}


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
    now = time.monotonic()
    for name in [name for name, then in _RAN.copy().items() if now - then > _RECENT]:
        _RAN.pop(name, None)
    _RAN[session()] = now


def seconds_since_a_run() -> float:
    """Since any session last began to run a page; infinite before the first."""
    now = time.monotonic()
    return min((now - then for then in list(_RAN.values())), default=float("inf"))


def alone() -> bool:
    """Whether no other session has run a page in the last seconds. Where one has, work that nobody waits for would hold it up."""
    me, now = session(), time.monotonic()
    return not any(name != me and now - then < _RECENT for name, then in _RAN.copy().items())


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
