"""A page that is drawn for a light ground and stands on a dark one is run again, and one whose lost connection is back (``assets/theme.js`` says why)."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from viz.kit.charts import is_dark
from viz.kit.scripts import joined_script

_mount = st.components.v2.component("theme", html="<span hidden></span>", js=joined_script(Path(__file__).parent / "assets" / "theme.js"))


def follow_theme() -> None:
    """Have the page run again when its theme changes, and after a lost connection. Once on a page, outside of fragments."""
    with st.container(key="theme-place"):
        _mount(key="theme", data={"dark": is_dark()}, on_theme_change=lambda: None, on_connection_change=lambda: None)
