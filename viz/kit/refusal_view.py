"""A refused setting on a page: its sentence, and the buttons that lead out of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import streamlit as st

from blocks.language import tr
from viz.kit.choice import Choice
from viz.kit.markdown import error_box
from viz.kit.refusal import refused_base, ways_out
from viz.kit.setting import setting_title


def refusal_view(sentence: str, choice: Choice, good: Choice | None, use: Callable[[Choice], None], key: str) -> None:
    """``sentence`` on ``choice``; a button for each nearest setting that works, one back to ``good``, the last that did, or to the network as published.

    ``use`` is called with the picked choice before the page runs.
    """
    error_box(sentence)
    with st.container(horizontal=True, gap="small", key=f"{key}.ways"):
        for way in ways_out(choice):
            st.button(tr("Use {setting}", setting=way.words), on_click=use, args=(way.choice,), key=f"{key}.use.{way.setting}", icon=":material/near_me:")
        if good is not None and good.name == choice.name:
            st.button(tr("Undo"), on_click=use, args=(good,), key=f"{key}.undo", icon=":material/undo:", help=tr("Back to the last setting that works."))
        else:
            st.button(tr("As published"), on_click=use, args=(choice.default(),), key=f"{key}.published", icon=":material/restart_alt:")


def working_choice(choice: Choice, moved: Iterable[str], use: Callable[[Choice], None], key: str) -> Choice:
    """``choice`` for a page that moves the settings ``moved``; where it is refused with those as published, that said with the ways out, and the network as published."""
    refused = refused_base(choice, moved)
    if refused is None:
        return choice
    base, sentence = refused
    refusal_view(sentence, base, None, use, key)
    shown_instead(base.default(), base)
    return base.default()


def shown_instead(shown: Choice, refused: Choice) -> None:
    """Say that ``shown`` is what the page shows, and not ``refused``."""
    if shown == refused.default():
        said = tr("The page shows {shown}, as published; not {refused}.", shown=setting_title(shown), refused=setting_title(refused))
    else:
        said = tr("The page shows {shown}, the last setting that works; not {refused}.", shown=setting_title(shown), refused=setting_title(refused))
    st.caption(f":material/history: {said}")
