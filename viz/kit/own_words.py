"""What Streamlit itself says around our widgets, in the language of the page; ``assets/own_words.js`` puts it there.

Streamlit 1.67 has no languages of its own. A sentence that is not in the list stays English; one that a newer Streamlit words otherwise, too.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from blocks.language import language, tr, translatable
from viz.kit.scripts import joined_script

#: By Streamlit's English; "{n}" and the like stand for what it fills in. "Download as CSV" is hidden by this name: viz/server/first_paint.py.
_WORDS = (
    translatable("{size} per file"),
    translatable("App pages"),
    translatable("Choose an option"),
    translatable("Choose options"),
    translatable("Clear all"),
    translatable("Clear photo"),
    translatable("Clear value"),
    translatable("Close fullscreen"),
    translatable("Collapse sidebar"),
    translatable("Copied"),
    translatable("Copy to clipboard"),
    translatable("Decrement"),
    translatable("Drag and drop a file here"),
    translatable("Drag and drop files here"),
    translatable("Expand sidebar"),
    translatable("File must be {size} or smaller."),
    translatable("Fullscreen"),
    translatable("Help"),
    translatable("Help for {label}"),
    translatable("Increment"),
    translatable("Learn how to allow access."),
    translatable("Link to heading"),
    translatable("Main menu"),
    translatable("No results"),
    translatable("Open"),
    translatable("Press Enter to apply"),
    translatable("Print"),
    translatable("Record a screencast"),
    translatable("Rerun"),
    translatable("Search"),
    translatable("Selected values"),
    translatable("Shortcut {keys}"),
    translatable("Show/hide columns"),
    translatable("Sidebar"),
    translatable("Skip to main content"),
    translatable("Take Photo"),
    translatable("This app would like to use your camera."),
    translatable("Upload"),
    translatable("file upload"),
    translatable("progress"),
    translatable("{kind} files are not allowed."),
    translatable("{label} — end"),
    translatable("{label} — start"),
)

_mount = st.components.v2.component("own_words", html="<span hidden></span>", js=joined_script(Path(__file__).parent / "assets" / "own_words.js"))


def streamlit_words() -> dict[str, str]:
    """Streamlit's own words by their English, in the language of now; none in English."""
    return {} if language() == "en" else {word: tr(word) for word in _WORDS}


def speak_streamlits_words() -> None:
    """Have Streamlit's own words shown in the page's language. Once on a page."""
    with st.container(key="aloud-of-streamlit"):
        _mount(key="streamlit-words", data={"words": streamlit_words()})
