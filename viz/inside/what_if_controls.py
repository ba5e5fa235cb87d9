"""What if: other numbers in the weights and between the operations, and another light on the picture, as widgets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from blocks.analysis import Analysis
from blocks.language import tr
from blocks.look.swaps import EVERY, SWAPS
from blocks.look.what_if import NUMBER_TYPES, WhatIf
from viz.inside.address import INSIDE, MOST_BLUR, MOST_LIGHT, MOST_PRUNED, MOST_SHIFT, InsideState, with_activation


def what_if_controls(state: InsideState) -> None:
    """The widgets; each changes the page's state before the page runs. A scale per channel or tensor is asked for only where weights are integers."""
    what = state.what
    with st.expander(tr("What if"), expanded=not what.is_nothing, icon=":material/experiment:"):
        _picked(state, "weights", tr("Weights as"), NUMBER_TYPES)
        if what.weights.startswith("int"):
            _picked(state, "per_channel", tr("Scale"), (True, False))
        _picked(state, "activations", tr("Activations as"), NUMBER_TYPES)
        activation_control(state, EVERY, tr("All activations replaced by"), tr("Gates on channels, such as those of squeeze-and-excitation, stay as they are."))
        _turned(state, "pruned", tr("Pruned weights (%)"), MOST_PRUNED)
        _turned(state, "blur", tr("Blur (pixels)"), MOST_BLUR)
        _turned(state, "shift", tr("Shift (pixels)"), MOST_SHIFT)
        _turned(state, "light", tr("Light (%)"), MOST_LIGHT)


def activation_control(state: InsideState, node: int, label: str, hint: str | None = None) -> None:
    """What runs instead of the activation ``node``, or of all; changes the page's state before the page runs."""
    key = f"inside.if.act.{node}"
    st.session_state[key] = dict(state.what.swapped).get(node, "")
    st.selectbox(label, ["", *SWAPS], format_func=lambda name: name or tr("as they are"), key=key, on_change=_swap, args=(state, node, key), help=hint)


def _swap(state: InsideState, node: int, key: str) -> None:
    swapped = with_activation(state.what.swapped, node, st.session_state[key])
    INSIDE.update(replace(state, what=replace(state.what, swapped=swapped)))


def swapped_words(state: InsideState, analysis: Analysis) -> str:
    """Which activations are replaced; "" where none is."""
    nodes = analysis.graph.nodes
    parts = [
        tr("all activations: {name}", name=name) if at == EVERY else f"{at} · {nodes[at].op}: {name}" for at, name in state.what.swapped if at < len(nodes)
    ]
    return tr("Replaced: {what}", what="; ".join(parts)) if parts else ""


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
