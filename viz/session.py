"""Which browser session a page is run for."""

from __future__ import annotations

from streamlit.runtime.scriptrunner import get_script_run_ctx


def session() -> str:
    """The browser session's name, by which the laboratory lets sessions take turns."""
    context = get_script_run_ctx()
    return context.session_id if context else "local"
