"""Search on the Atlas: by name, idea, author, year or title, with the best hits under the field while one types."""

from __future__ import annotations

import streamlit as st

from blocks import catalog
from blocks.language import tr
from viz.atlas.address import FIND_KEY, MAX_SEARCH, search_typed
from viz.kit import links
from viz.kit.choice import Choice
from viz.kit.navigation import link_to
from viz.kit.network_picker import nothing_mentions
from viz.kit.widget_state import held

_SHOWN = 8
#: What a search can be about, while nothing is searched for: a network, an idea, an author, a year.
_TRIES = ("resnet50", "attention", "He", "2018", "depthwise")


def search_box() -> str:
    """The search field; returns what is searched for, also while it is typed."""
    return st.text_input(
        tr("Search"),
        held(FIND_KEY, ""),
        key=FIND_KEY,
        max_chars=MAX_SEARCH,
        placeholder=tr("Search a network, an idea, an author, a year"),
        label_visibility="collapsed",
        icon=":material/search:",
        live=True,
        on_change=search_typed,
    ).strip()


def search_hits(text: str) -> dict[str, list[str]] | None:
    """Names that mention ``text``, by family, best first; None while nothing is searched for."""
    if not text:
        return None
    hits: dict[str, list[str]] = {}
    for name in catalog.search(text):
        hits.setdefault(catalog.entry(name).family.name, []).append(name)
    return hits


def search_results(text: str) -> None:
    """The best hits under the field, each a link into Explore; without one, the nearest names; before a search, what can be searched for.

    The row keeps its place, so that nothing below it moves while one types.
    """
    names = catalog.search(text) if text else []
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="hits"):
        if not text:
            st.caption(tr("For instance"), width="content")
            for example in _TRIES:
                link_to(links.Link("pages/atlas.py", [("find", example)]), example, width="content")
            return
        if not names:
            names = catalog.suggestions(text)
            said = nothing_mentions(text, [])[0]
            st.caption(f"{said} {tr('Nearest:') if names else tr('Try an idea, an author, a year or a part of a name.')}", width="content")
        for name in names[:_SHOWN]:
            link_to(links.explore_link(Choice(name)), tr(catalog.entry(name).title), width="content")
        if len(names) > _SHOWN:
            st.caption(tr("and {n} more in the families that stay lit", n=len(names) - _SHOWN), width="content")
