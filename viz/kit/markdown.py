"""A user's own words inside a page's Markdown."""

from __future__ import annotations

import re

import streamlit as st

# What would be a link, a picture or HTML in words that were typed into an address; the rest of a sentence stays as it is.
_MARKUP = re.compile(r"[\[<\\]")
_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
_JOINER = "\N{WORD JOINER}"  # takes no room; Markdown makes links of bare addresses, escaped or not


def plain_markdown(text: str) -> str:
    """``text`` with nothing that Markdown would read."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+-.!|<>$~:" else c for c in _ADDRESS.sub(_JOINER, text))


def without_links(sentence: str) -> str:
    """A sentence that repeats what somebody typed: nothing in it links, loads a picture or is HTML."""
    return _MARKUP.sub(lambda found: f"\\{found[0]}", _ADDRESS.sub(_JOINER, sentence))


def error_box(sentence: str) -> None:
    """Show what went wrong."""
    st.error(without_links(sentence), icon=":material/error:")
