"""A choice's input as widgets: resolution or tokens, batch, type and mode."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from blocks import catalog
from blocks.analysis import DTYPES
from blocks.language import tr
from viz.kit.choice import MAX_BATCH, MAX_SIDE, Choice, free_places
from viz.kit.widget_state import held, held_index


def input_values(choice: Choice, prefix: str) -> Choice:
    """What the widgets of :func:`input_panel` hold."""

    def now(name: str, otherwise: object) -> Any:
        value = st.session_state.get(f"{prefix}_{name}")
        return otherwise if value is None else value

    side = choice.side
    if places := free_places(choice.name):
        published = catalog.input_shape(choice.name)[places[0]]
        side = int(now("side", side or published))
        side = None if side == published else side
    return replace(choice, side=side, batch=int(now("batch", choice.batch)), dtype=now("dtype", choice.dtype), training=now("training", choice.training))


def input_panel(choice: Choice, prefix: str, on_change: Callable[[], None] | None = None) -> Choice:
    """Resolution (or tokens), batch, type and mode as widgets; ``prefix`` begins their keys. ``on_change`` is called before the page runs with a new value."""
    places = free_places(choice.name)
    if places:
        published = catalog.input_shape(choice.name)[places[0]]
        word = tr("Resolution $H = W$") if len(places) == 2 else tr("Tokens $N$")
        key = f"{prefix}_side"
        step = 32 if published >= 128 and len(places) == 2 else 1
        st.number_input(
            word, 1, MAX_SIDE, held(key, choice.side or published), step=step, key=key, help=tr("Published: {value}.", value=published), on_change=on_change
        )
    left, right = st.columns(2)
    key = f"{prefix}_batch"
    left.number_input(tr("Batch $B$"), 1, MAX_BATCH, held(key, choice.batch), key=key, on_change=on_change)
    key = f"{prefix}_dtype"
    right.selectbox(tr("Type"), list(DTYPES), held_index(key, list(DTYPES), choice.dtype), key=key, on_change=on_change)
    key = f"{prefix}_training"
    st.toggle(
        tr("Training mode"),
        held(key, choice.training),
        key=key,
        help=tr("Trace as while training: dropout, auxiliary heads, activations kept for the backward pass."),
        on_change=on_change,
    )
    return input_values(choice, prefix)
