"""The browser's address bar: what it asked with, what it is told, and what brought the user here.

Streamlit writes an address with an order to the browser, which makes an entry of its history each time. That suits what a user changes on a page.
An address that a page settles as it opens belongs to the entry that opening has made: ``assets/address.js`` puts it there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from blocks.language import language as spoken_now
from viz.kit.scripts import joined_script

#: The parameters of an address in their order; a name may occur more than once.
Query = tuple[tuple[str, str], ...]
#: A link to the page that it stands on carries this parameter, by which it is told from a browser that has not heard of the newest address yet.
FOLLOWED = ("_followed", "1")
_LEFT_FOR, _KEY = "address.left_for", "address"
_LONGEST = 20_000  # characters of an address that a tab kept

_mount = st.components.v2.component("address_bar", html="<span hidden></span>", js=joined_script(Path(__file__).parent / "assets" / "address.js"))


def current_query() -> Query:
    """The parameters of the address that the browser asked with."""
    return tuple((name, value) for name in st.query_params if name != FOLLOWED[0] for value in st.query_params.get_all(name))


def by_link() -> bool:
    """Whether the browser asked by a link to the page that it stands on."""
    return FOLLOWED[0] in st.query_params


def by_history() -> bool:
    """Whether the browser asked because the user went back or forward."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def push(query: Query) -> None:
    """Give the browser's history a new entry with these parameters; none where the address has them already."""
    st.query_params.from_dict(values_by_name(query))


def settle_silently(query: Query) -> None:
    """Make these the parameters of this run, without an order to the browser: :func:`show_entry` tells it."""
    context = get_script_run_ctx()
    if context is None:
        return
    with context.session_state.query_params() as params:
        params.clear_with_no_forward_msg()
        for name, value in values_by_name(query).items():
            params.set_with_no_forward_msg(name, value)
    context.query_string = urlencode(query)


@st.fragment
def show_entry(page: str, visit: int, query: Query, left: Mapping[str, Query], on_left: Callable[[Mapping[str, Query]], None], language: str = "") -> None:
    """Let the entry of the browser's history that ``visit`` made have these parameters. ``page`` is the last part of the page's path.

    The browser's tab keeps ``left``, the addresses of all pages; when it is reloaded, ``on_left`` gets what it kept, which anybody may have written.
    The browser keeps ``language``, the user's choice, in a cookie; the document is said to be in the language of now.
    """

    def told() -> None:
        on_left(_addresses(dict(st.session_state.get(_KEY) or {}).get("left")))

    addresses = {name: urlencode(value) for name, value in left.items()}
    with st.container(key="address-bar"):
        _mount(
            key=_KEY,
            data={"page": page, "visit": visit, "query": urlencode(query), "left": addresses, "language": language, "spoken": spoken_now()},
            on_left_change=told,
        )


def _addresses(raw: object) -> dict[str, Query]:
    """What a tab kept, as far as it is that."""
    if not isinstance(raw, Mapping):
        return {}
    texts = {name: text for name, text in raw.items() if isinstance(name, str) and isinstance(text, str) and len(text) <= _LONGEST}
    return {name: tuple(parse_qsl(text, keep_blank_values=True)) for name, text in texts.items()}


def in_fragment() -> bool:
    """Whether a part of the page runs, not the page."""
    context = get_script_run_ctx()
    return context is not None and bool(context.fragment_ids_this_run)


def leave_for(page: str, query: Query) -> None:
    """The run that opens ``page`` reads ``query``, whatever the browser asks with."""
    st.session_state[_LEFT_FOR] = (page, query)


def left_for(page: str) -> Query | None:
    """What :func:`leave_for` left for ``page``, once."""
    found: tuple[str, Query] | None = st.session_state.get(_LEFT_FOR)
    if found is None:
        return None
    del st.session_state[_LEFT_FOR]
    return found[1] if found[0] == page else None


def values_by_name(query: Query) -> dict[str, list[str]]:
    """The values of each parameter, as st.query_params takes them."""
    values: dict[str, list[str]] = {}
    for name, value in query:
        values.setdefault(name, []).append(value)
    return values
