"""A refused setting on a page: its sentence, and the buttons that lead out of it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from blocks.language import tr
from viz.kit.choice import Choice
from viz.kit.refusal import ways_out


def refusal_view(sentence: str, choice: Choice, good: Choice | None, use: Callable[[Choice], None], key: str) -> None:
    """``sentence`` on ``choice``; a button for each nearest setting that works, one back to ``good``, the last that did, or to the network as published.

    ``use`` is called with the picked choice before the page runs.
    """
    st.error(sentence, icon=":material/error:")
    with st.container(horizontal=True, gap="small", key=f"{key}.ways"):
        for way in ways_out(choice):
            st.button(tr("Use {setting}", setting=way.words), on_click=use, args=(way.choice,), key=f"{key}.use.{way.setting}", icon=":material/near_me:")
        if good is not None and good.name == choice.name:
            st.button(tr("Undo"), on_click=use, args=(good,), key=f"{key}.undo", icon=":material/undo:", help=tr("Back to the last setting that works."))
        else:
            st.button(tr("As published"), on_click=use, args=(choice.default(),), key=f"{key}.published", icon=":material/restart_alt:")
