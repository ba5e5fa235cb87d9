"""What every page begins with: less empty room at the top than Streamlit leaves."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

_STYLE = "<style>.stMainBlockContainer { padding-top: 4.2rem; padding-bottom: 3rem; }</style>"


def begin() -> None:
    """Call this first: the page then starts right below the navigation."""
    if PagesManager.uses_pages_directory:
        # A link to this page was the first thing that a fresh server was asked for: Streamlit found the file by its folder and ran it
        # without app.py. From now on app.py's navigation runs every page, this one at once.
        PagesManager.uses_pages_directory = False
        st.rerun()
    st.html(_STYLE)
