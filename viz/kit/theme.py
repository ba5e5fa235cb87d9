"""A page that is drawn for a light ground and stands on a dark one is run again (``assets/theme.js`` says when that happens)."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from viz.kit.charts import is_dark
from viz.kit.scripts import joined_script

_mount = st.components.v2.component("theme", html="<span hidden></span>", js=joined_script(Path(__file__).parent / "assets" / "theme.js"))


def follow_theme() -> None:
    """Have the page run again when its theme changes. Once on a page, outside of fragments."""
    with st.container(key="theme-place"):
        _mount(key="theme", data={"dark": is_dark()}, on_theme_change=lambda: None)
