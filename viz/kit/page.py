"""What every page begins with. The pages' style is in the document's head: viz/server/first_paint.py."""

from __future__ import annotations

import streamlit as st

from viz.kit import palette
from viz.kit.access import access_style
from viz.kit.charts import is_dark
from viz.kit.command_line import from_command_line
from viz.kit.data_table import CARDS_STYLE
from viz.kit.garbage import search_when_idle
from viz.kit.language import language_switch, settle_language
from viz.kit.own_words import speak_streamlits_words
from viz.kit.session import note_page
from viz.kit.spoken import speak_formulas
from viz.kit.theme import follow_theme

# A link inside a page looks like one; Streamlit draws those to other pages as plain text.
_LINKS = """
[data-testid="stPageLink-NavLink"] p { color: %s; text-decoration: underline; text-underline-offset: .2em; text-decoration-thickness: 1px; }
[data-testid="stPageLink-NavLink"]:hover p { text-decoration-thickness: 2px; }
"""
# While a run goes on, Streamlit fades every element that it has not sent again, after half a second. To prepare for that the
# browser paints the whole page anew at each turn of a knob, which takes as long as the turn itself.
_STEADY = ".stElementContainer[data-stale] { opacity: 1; transition: none; }"


def begin_page(steady: bool = False) -> None:
    """Call this first in every page. What a ``steady`` page shows does not fade while it is computed anew."""
    from_command_line()  # before anything asks for a network by its address, or starts a measuring process
    settle_language()
    note_page()
    language_switch()
    st.html(f"<style>{_LINKS % palette.LINK.on(is_dark())}{access_style(is_dark())}{CARDS_STYLE}{_STEADY if steady else ''}</style>")
    follow_theme()
    speak_formulas()
    speak_streamlits_words()
    search_when_idle()
