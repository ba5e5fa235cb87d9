"""What makes every page readable and usable by keyboard, where Streamlit's own look does not: contrast, a visible focus, and errors that push nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from viz.kit import palette

_PROBLEMS = "problems"

# Streamlit paints captions with 60 % of the ink, links in them fainter still, and white on the accent, whose dark theme is a light blue.
_CONTRAST = """
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] :where(p, li, span) {{ color: {quiet}; opacity: 1; }}
[data-testid="stCaptionContainer"] a {{ color: {link} !important; opacity: 1; }}
.stMarkdown a, [data-testid="stAlert"] a {{ text-decoration: underline !important; text-underline-offset: .15em; }}
:is([data-testid^="stBaseButton-primary"], [data-tag]), :is([data-testid^="stBaseButton-primary"], [data-tag]) :is(p, span, button, svg) {{ color: {on_accent} !important; }}
input::placeholder, textarea::placeholder {{ color: {quiet} !important; opacity: 1 !important; }}
"""
# The ring goes round what a user sees: a text field's frame, and a checkbox with its label instead of the invisible field that has the focus.
_FOCUS = """
:focus-visible:not(input, textarea), label:has(input:is([type="checkbox"], [type="radio"]):focus-visible),
:has(> :is(input:not([type="checkbox"], [type="radio"], [type="range"]), textarea):focus-visible) {{ outline: 2px solid {accent} !important; outline-offset: 2px; }}
"""
# The label of icon_only(): Streamlit names a button without a label by its icon, in English ("qr_code_2 icon").
_HEARD = """
:is([data-testid^="stBaseButton"], [data-testid^="stBaseLinkButton"]) [data-testid="stMarkdownContainer"]:has(.stMarkdownColoredText) {{
    position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }}
"""
# The six choices of a knob stand whole in the sidebar.
_ROWS = """
.stApp section[data-testid="stSidebar"] [data-testid="stButtonGroup"] button {{ min-width: 0; padding-left: .4rem; padding-right: .4rem; }}
"""
# A formula scrolls inside its paragraph, where it is wider than the page; assets/aloud.js lets the keyboard reach it then. In a lecture it is made to fit.
_FORMULAS = """
[data-testid="stMain"] [data-testid="stMarkdown"] p:has(.katex):not(.st-key-lecture *) {{ overflow-x: auto; overflow-y: hidden; padding-block: .15rem; }}
"""
# Over the page, at the window's lower edge: what is read or turned stays where it is. The page gets room below, so that nothing stays covered.
_OVER = """
[data-testid="stLayoutWrapper"]:has(> .st-key-{problems}) {{
    position: fixed; right: 1rem; bottom: 1rem; width: min(40rem, calc(100vw - 2rem)); max-height: 45vh; overflow: auto; z-index: 999980; border-radius: .5rem; }}
.st-key-{problems}:not(:empty) {{ padding: .6rem; gap: .6rem; border: 1px solid {changed}; border-radius: .5rem; background: {card}; }}
.stMainBlockContainer:has(.st-key-{problems}:not(:empty)) {{ padding-bottom: 50vh; }}
"""


def access_style(dark: bool) -> str:
    """The CSS for one theme."""
    colours = {
        "quiet": palette.QUIET,
        "link": palette.LINK,
        "accent": palette.ACCENT,
        "on_accent": palette.ON_ACCENT,
        "changed": palette.CHANGED,
        "card": palette.CARD,
    }
    return (_CONTRAST + _FOCUS + _HEARD + _ROWS + _FORMULAS + _OVER).format(problems=_PROBLEMS, **{name: colour.on(dark) for name, colour in colours.items()})


def icon_only(words: str) -> str:
    """The label of a button that shows nothing but its icon: heard, not seen."""
    return f":gray[{words}]"


@contextmanager
def over_page() -> Iterator[None]:
    """What is written inside stands over the page and moves nothing on it. Enter it in every run, also when there is nothing to say, and once on a page."""
    with st.container(key=_PROBLEMS):
        yield
