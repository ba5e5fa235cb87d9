"""The button that puts a network into the comparison, for any page."""

from __future__ import annotations

import streamlit as st

from blocks.knobs import KnobError
from blocks.language import tr
from viz.kit.board_session import add_to_board, session_board
from viz.kit.choice import Choice
from viz.kit.links import MAX_VARIANTS, compare_link
from viz.kit.markdown import without_links
from viz.kit.navigation import link_to


def add_button(choice: Choice, key: str = "basket") -> None:
    """One click adds ``choice`` to this session's comparison; beside it a link to that comparison with how many it holds."""
    board = session_board()
    here = any(slot.choice == choice for slot in board.slots)
    with st.container(horizontal=True, gap="small", vertical_alignment="center", width="content", key=key):
        hint = tr("It is in the comparison already; the copy can be changed there.") if here else tr("Puts exactly this, knobs and input, on the Compare page.")
        if board.full:
            hint = tr("The comparison holds {most} variants; remove one there first.", most=MAX_VARIANTS)
        if st.button(tr("Compare"), icon=":material/add:", key=f"{key}.add", disabled=board.full, help=hint):
            try:
                add_to_board(choice)
            except KnobError as error:
                st.toast(without_links(str(error)), icon=":material/error:")
            else:
                st.rerun()
        if board.full:
            st.caption(hint)
        if board.slots:
            link_to(compare_link(board.variants()), tr("Compare {n}", n=len(board.slots)), icon=":material/balance:")
