"""What if: other numbers in the weights and between the operations, and another light on the picture, as widgets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from blocks.language import tr
from blocks.look.what_if import NUMBER_TYPES, WhatIf
from viz.inside.address import INSIDE, MOST_BLUR, MOST_LIGHT, MOST_PRUNED, MOST_SHIFT, InsideState


def what_if_controls(state: InsideState) -> None:
    """The widgets; each changes the page's state before the page runs. A scale per channel or tensor is asked for only where weights are integers."""
    what = state.what
    with st.expander(tr("What if"), expanded=not what.is_nothing, icon=":material/experiment:"):
        _picked(state, "weights", tr("Weights as"), NUMBER_TYPES)
        if what.weights.startswith("int"):
            _picked(state, "per_channel", tr("Scale"), (True, False))
        _picked(state, "activations", tr("Activations as"), NUMBER_TYPES)
        _turned(state, "pruned", tr("Pruned weights (%)"), MOST_PRUNED)
        _turned(state, "blur", tr("Blur (pixels)"), MOST_BLUR)
        _turned(state, "shift", tr("Shift (pixels)"), MOST_SHIFT)
        _turned(state, "light", tr("Light (%)"), MOST_LIGHT)


def value_words(value: object) -> str:
    """A value of a segmented control as one reads it."""
    if isinstance(value, bool):
        return tr("per channel") if value else tr("per tensor")
    return str(value) or "float32"


def _picked(state: InsideState, name: str, label: str, options: tuple[Any, ...]) -> None:
    key = f"inside.if.{name}"
    st.session_state[key] = getattr(state.what, name)
    st.segmented_control(
        label, list(options), default=st.session_state[key], key=key, format_func=value_words, required=True, on_change=_change, args=(state, name, key)
    )


def _turned(state: InsideState, name: str, label: str, most: int) -> None:
    key = f"inside.if.{name}"
    st.session_state[key] = getattr(state.what, name)
    st.slider(label, 0, most, st.session_state[key], key=key, on_change=_change, args=(state, name, key))


def _change(state: InsideState, name: str, key: str) -> None:
    value = st.session_state[key]
    if value is not None:
        changed: WhatIf = replace(state.what, **{name: value})
        INSIDE.update(replace(state, what=changed))
