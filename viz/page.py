"""What every page begins with: less empty room at the top than Streamlit leaves."""

from __future__ import annotations

import streamlit as st

_STYLE = "<style>.stMainBlockContainer { padding-top: 4.2rem; padding-bottom: 3rem; }</style>"


def begin() -> None:
    """Call this first: the page then starts right below the navigation."""
    st.html(_STYLE)
