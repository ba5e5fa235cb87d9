"""What a person has chosen on the Atlas, and its form in the URL."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

import streamlit as st

from blocks import catalog
from blocks.knobs import KnobError
from viz.kit import links
from viz.kit.choice import read_choice
from viz.kit.navigation import go

KEY = "atlas-map"


def old_address() -> None:
    """Explore was once the first page: an address with a network still opens it."""
    if "net" in st.query_params:
        choice, problems = read_choice(dict(st.query_params))
        link = links.explore_link(choice)
        go(links.Link(link.page, list(st.query_params.items())) if problems else link)


def chosen(params: Mapping[str, str]) -> tuple[str, str]:
    """The family that is chosen ("" for none), on the map or by the URL, and a sentence if the URL names none."""
    family = params.get("family", "")
    known = {f.name: f for f in catalog.families()}
    if family and family not in known:
        error = KnobError("family", family, "is not in the catalog", difflib.get_close_matches(family, known, n=2, cutoff=0.4))
        return "", str(error)
    return family, ""


def choose(family: str) -> None:
    """Make ``family`` the chosen one; "" for none."""
    _set("family", family)


def keep(search: str) -> None:
    """Write the search into the URL."""
    _set("find", search)


def _set(name: str, value: str) -> None:
    if value and st.query_params.get(name) != value:
        st.query_params[name] = value
    elif not value and name in st.query_params:
        del st.query_params[name]
