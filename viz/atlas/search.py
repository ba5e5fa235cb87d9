"""Search on the Atlas: by name, idea, author, year or title."""

from __future__ import annotations

import streamlit as st

from blocks import catalog
from blocks.knobs import brief
from viz.atlas.address import FIND_KEY, MAX_SEARCH
from viz.kit import links
from viz.kit.choice import Choice
from viz.kit.markdown import plain_markdown
from viz.kit.navigation import link_to

_SHOWN = 8


def search_box() -> str:
    """The search field; returns what is searched for."""
    return st.text_input(
        "Search",
        key=FIND_KEY,
        max_chars=MAX_SEARCH,
        placeholder="Search: shuffle, He, 2018, attention …",
        label_visibility="collapsed",
        icon=":material/search:",
    ).strip()


def search_hits(text: str) -> dict[str, list[str]] | None:
    """Names that mention ``text``, by family; None while nothing is searched for."""
    if not text:
        return None
    hits: dict[str, list[str]] = {}
    for name in catalog.search(text):
        hits.setdefault(catalog.entry(name).family.name, []).append(name)
    return hits


def search_results(text: str, hits: dict[str, list[str]]) -> None:
    """The best hits, each a link into Explore; without one, what can be searched for."""
    names = [name for members in hits.values() for name in members]
    if not names:
        st.info(f"Nothing mentions “{plain_markdown(brief(text))}”. Try an idea, an author, a year or a part of a name.", icon=":material/search_off:")
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for name in names[:_SHOWN]:
            link_to(links.explore_link(Choice(name)), catalog.entry(name).title, width="content")
        if len(names) > _SHOWN:
            st.caption(f"and {len(names) - _SHOWN} more in the families that stay lit")
