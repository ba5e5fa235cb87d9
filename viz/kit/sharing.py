"""Share a page: copy its link, copy the code that embeds it, change between light and dark."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from blocks.language import tr
from viz.kit.scripts import joined_script

_STYLE = """
.sharing { position: relative; display: flex; gap: .15rem; align-items: center; justify-content: flex-end; font-family: var(--st-font); color: var(--st-text-color); }
.sharing button { width: 2.2rem; height: 2.2rem; padding: .45rem; border: 0; border-radius: .4rem; background: none; color: inherit; cursor: pointer; }
.sharing button:hover { background: var(--st-secondary-background-color); color: var(--st-primary-color); }
.sharing button:focus-visible { outline: 2px solid var(--st-primary-color); }
.sharing svg { width: 100%; height: 100%; fill: none; stroke: currentColor; stroke-width: 1.7; stroke-linecap: round; stroke-linejoin: round; }
.sharing .half { fill: currentColor; }
.sharing .said { font-size: .85rem; white-space: nowrap; }
.sharing .text { width: 9rem; font: inherit; font-size: .85rem; }
.sharing [hidden] { display: none; }
"""
_mount = st.components.v2.component(
    "sharing", html='<div class="sharing"></div>', css=_STYLE, js=joined_script(Path(__file__).parent / "assets" / "sharing.js")
)


def share_bar(key: str = "share") -> None:
    """The three buttons. What they copy is the browser's own address, so it holds what is open on the page at that moment."""
    words = {
        "link": tr("Copy the link to exactly this"),
        "embed": tr("Copy the code that shows this in another page (iframe)"),
        "theme": tr("Light or dark"),
        "copied": tr("Copied"),
        "copy": tr("Copy:"),
    }
    with st.container(key=key, width="content"):
        _mount(key=f"{key}.bar", data={"words": words}, width="content")
