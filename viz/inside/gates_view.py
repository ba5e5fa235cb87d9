"""The gates of a squeeze-and-excitation block as bars: the squeezed numbers and the factors, of the picture and of a second one beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from blocks.language import tr
from blocks.look.samples import sample_names
from viz.inside.address import BAR_ORDERS, INSIDE, InsideState
from viz.inside.asking import own_picture
from viz.inside.picture_chooser import picture_title
from viz.inside.weights import OWN_PICTURE
from viz.inside.wording import written
from viz.kit.charts import chart, is_dark
from viz.kit.palette import VARIANT_COLOURS

_NAMED = 3  # channels that a sentence names


def gates_view(state: InsideState, found: Mapping[str, Any]) -> None:
    """Everything of one answer to "gates", with the choice of a second picture and of the order."""
    own, beside = found["own"], found["beside"]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _second(state)
        _ordered_by(state)
    st.caption(" ".join(filter(None, [gates_sentence(own["gates"]), differing_sentence(own["gates"], beside["gates"], state) if beside else ""])))
    numbers = bar_order(own["gates"], beside["gates"] if beside else None, state.bars)
    rows: dict[str, Sequence[float]] = {"channel": numbers}
    for name, one in (("own", own), ("beside", beside)):
        if one:
            rows |= {f"squeezed_{name}": [one["squeezed"][n] for n in numbers] if _fits(one) else [], f"gate_{name}": [one["gates"][n] for n in numbers]}
    frame = pd.DataFrame({name: values for name, values in rows.items() if values})
    chart(_figure(frame, state), key="inside-gates", name="gates", of=state.choice, frame=frame, heads=_heads(state), height=290)


def _fits(one: Mapping[str, Any]) -> bool:
    """Whether there is a squeezed number for each gate."""
    return len(one["squeezed"]) == len(one["gates"])


def _figure(frame: pd.DataFrame, state: InsideState) -> go.Figure:
    """Squeezed numbers above, gates below, in the order of the table."""
    places = [str(n) for n in frame["channel"]]
    above = "squeezed_own" in frame
    figure = make_subplots(rows=2 if above else 1, cols=1, shared_xaxes=True, vertical_spacing=0.06)
    heads = _heads(state)
    for name, picture, colour in zip(("own", "beside"), (state.picture, state.beside), VARIANT_COLOURS, strict=False):
        for row, kind in enumerate(("squeezed", "gate") if above else ("gate",), 1):
            if f"{kind}_{name}" in frame:
                title, wall = picture_title(picture), heads[f"{kind}_{name}"]
                bar = go.Bar(
                    x=places,
                    y=frame[f"{kind}_{name}"],
                    name=title,
                    marker_color=colour.on(is_dark()),
                    showlegend=kind == "gate",
                    hovertemplate=f"%{{x}}: %{{y:.4f}}<extra>{wall}</extra>",
                )
                figure.add_trace(bar, row=row, col=1)
    figure.update_xaxes(type="category", nticks=20)
    figure.update_xaxes(title_text=tr("Channel"), row=2 if above else 1, col=1)
    if above:
        figure.update_yaxes(title_text=tr("Squeezed"), row=1, col=1)
    figure.update_yaxes(title_text=tr("Gate"), row=2 if above else 1, col=1)
    figure.update_layout(bargap=0.1, barmode="group", showlegend="gate_beside" in frame)
    return figure


def _heads(state: InsideState) -> dict[str, str]:
    found = {"channel": tr("Channel")}
    for name, picture in (("own", state.picture), ("beside", state.beside)):
        if picture:
            found |= {f"squeezed_{name}": f"{tr('Squeezed')}, {picture_title(picture)}", f"gate_{name}": f"{tr('Gate')}, {picture_title(picture)}"}
    return found


def bar_order(gates: Sequence[float], beside: Sequence[float] | None, by: str) -> list[int]:
    """The channels in the order ``by`` of :data:`viz.inside.address.BAR_ORDERS`, the largest first; by difference needs a second picture."""
    numbers = list(range(len(gates)))
    if by == "size":
        return sorted(numbers, key=lambda n: -gates[n])
    if by == "difference" and beside is not None:
        return sorted(numbers, key=lambda n: -abs(gates[n] - beside[n]))
    return numbers


def gates_sentence(gates: Sequence[float]) -> str:
    """The channels with the largest and the smallest gates."""
    by_size = bar_order(gates, None, "size")
    large, small = by_size[:_NAMED], by_size[::-1][:_NAMED]
    return tr("Largest gates: {large}; smallest: {small}.", large=_named(large, gates), small=_named(small, gates))


def _named(numbers: Sequence[int], gates: Sequence[float]) -> str:
    return ", ".join(f"{n} ({written(gates[n], 3)})" for n in numbers)


def differing_sentence(gates: Sequence[float], beside: Sequence[float], state: InsideState) -> str:
    """The channels whose gates differ most between the two pictures, and how much all differ on average."""
    most = bar_order(gates, beside, "difference")[:_NAMED]
    named = ", ".join(tr("{n} ({own} and {beside})", n=n, own=written(gates[n], 3), beside=written(beside[n], 3)) for n in most)
    mean = sum(abs(a - b) for a, b in zip(gates, beside, strict=True)) / len(gates)
    return tr(
        "“{first}” and “{second}” differ most in the gates {channels}; on average by {mean}.",
        first=picture_title(state.picture),
        second=picture_title(state.beside),
        channels=named,
        mean=written(mean, 3),
    )


def _second(state: InsideState) -> None:
    key = "inside.beside"
    names = ["", *sample_names(), *([OWN_PICTURE] if own_picture() else [])]
    st.session_state[key] = state.beside if state.beside in names else ""
    st.selectbox(
        tr("Gates of a second picture"),
        names,
        format_func=lambda name: picture_title(name) if name else tr("None"),
        key=key,
        on_change=lambda: INSIDE.update(replace(state, beside=st.session_state[key])),
    )


def _ordered_by(state: InsideState) -> None:
    key = "inside.bars"
    options = list(BAR_ORDERS) if state.beside else list(BAR_ORDERS[:2])
    st.session_state[key] = state.bars if state.bars in options else options[0]
    words = {"channel": tr("By channel"), "size": tr("By size"), "difference": tr("By difference")}
    st.segmented_control(
        tr("Bars"),
        options,
        format_func=lambda name: words[name],
        key=key,
        required=True,
        on_change=lambda: INSIDE.update(replace(state, bars=st.session_state[key])),
        label_visibility="collapsed",
    )
