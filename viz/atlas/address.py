"""The Atlas' address: the chosen family and the search."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from blocks import catalog
from blocks.knobs import KnobError, nearest_names
from blocks.language import tr
from viz.kit.address import Address, Query, current_query
from viz.kit.address_bar import by_history
from viz.kit.choice import read_choice
from viz.kit.links import Link, explore_link
from viz.kit.navigation import go

FIND_KEY = "find"  # of the search field
MAX_SEARCH = 200  # characters


@dataclass(frozen=True)
class AtlasState:
    """The chosen family and the text that is searched for; "" for none."""

    family: str = ""
    find: str = ""


def read_atlas(query: Query) -> tuple[AtlasState, list[str]]:
    """The state of an address, and a sentence where it names no family of the catalog."""
    params = dict(query)
    family, find = params.get("family", ""), params.get("find", "").strip()[:MAX_SEARCH]
    known = {f.name: f for f in catalog.families()}
    if family and family not in known:
        error = KnobError("family", family, tr("is not in the catalog"), nearest_names(family, known, 2, 0.4))
        return AtlasState("", find), [str(error)]
    return AtlasState(family, find), []


def write_atlas(state: AtlasState) -> Query:
    """The address of a state."""
    return tuple((name, value) for name, value in (("family", state.family), ("find", state.find)) if value)


def _fill_search(state: AtlasState, _: AtlasState | None) -> None:
    st.session_state[FIND_KEY] = state.find


ATLAS = Address("pages/atlas.py", read_atlas, write_atlas, _fill_search, main=True)


def search_typed() -> None:
    """The search field has new text: what is typed further belongs to the same entry of the browser's history."""
    before, text = ATLAS.state(AtlasState), st.session_state[FIND_KEY].strip()
    if before.find and text:
        ATLAS.amend(replace(before, find=text))


def choose_family(family: str) -> None:
    """Make ``family`` the chosen one; "" for none. For a click on the map, before the page runs."""
    ATLAS.update(replace(ATLAS.state(AtlasState), family=family))


def follow_old_address() -> None:
    """Explore was once the first page: an address with a network still opens it."""
    query = current_query()
    if "net" in dict(query) and not by_history():  # who goes back to it wants to go on back
        choice, problems = read_choice(dict(query))
        link = explore_link(choice)
        go(Link(link.page, list(query)) if problems else link)
