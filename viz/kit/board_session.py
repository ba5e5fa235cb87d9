"""The board of this session and its address. The only part of the comparison that knows where a session keeps things."""

from __future__ import annotations

import streamlit as st

from viz.kit.board import Board
from viz.kit.examples import EXAMPLES
from viz.kit.links import Link

_KEPT = "compare.board"


def board() -> Board:
    """This session's board: read anew when the address changed from outside, the first example where there is nothing yet."""
    kept: Board | None = st.session_state.get(_KEPT)
    texts = tuple(st.query_params.get_all("v"))
    if kept is None or (texts and texts != kept.url):
        kept = kept or Board()
        kept.open(texts or _texts(EXAMPLES[0].link))
        st.session_state[_KEPT] = kept
    return kept


def waiting() -> Board:
    """The board that other pages add to, without reading an address."""
    kept: Board = st.session_state.setdefault(_KEPT, Board())
    return kept


def keep(shown: Board) -> None:
    """Write the board into the address; a link with something wrong in it stays as it is until the person changes something."""
    texts = shown.texts()
    if texts != shown.written:
        shown.written, shown.problems = texts, []
    if not shown.problems and tuple(st.query_params.get_all("v")) != texts:
        shown.url = texts
        st.query_params.from_dict({"v": list(texts)})


def _texts(link: Link) -> tuple[str, ...]:
    return tuple(value for key, value in link.query if key == "v")
