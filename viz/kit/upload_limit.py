"""How many files a session may hand over. Their size is limited where they are read, their time by the server (viz/server/uploads.py)."""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from blocks.language import tr

MOST_FILES, MINUTES = 20, 10
_TIMES = "uploads.times"


def upload_refused(now: Callable[[], float] = time.monotonic) -> str:
    """Count one more file of this session; a sentence where it is one too many, and is not to be read."""
    recent = [then for then in st.session_state.get(_TIMES, ()) if now() - then < MINUTES * 60]
    if len(recent) >= MOST_FILES:
        return tr("At most {most} files are opened in {minutes} minutes. Try again later.", most=MOST_FILES, minutes=MINUTES)
    st.session_state[_TIMES] = [*recent, now()]
    return ""
