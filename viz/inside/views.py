"""The parts of the Inside page beside its components: the answer, statistics, and what is switched off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from itertools import pairwise
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from blocks.analysis import Analysis
from blocks.language import tr
from blocks.look.seen_network import WHOLE
from blocks.look.what_if import WhatIf
from viz.inside.address import INSIDE, MOST_OFF, InsideState
from viz.inside.wording import written
from viz.kit.charts import chart

_STYLE = """<style>
.inside-answer { display: grid; grid-template-columns: 1fr auto; gap: .15rem .6rem; font-size: .9rem; }
.inside-answer .bar { grid-column: 1 / -1; height: 5px; border-radius: 3px; background: rgba(128,128,128,.25); }
.inside-answer .bar i { display: block; height: 100%; border-radius: 3px; background: #0B63B0; }
.inside-answer .value { font-variant-numeric: tabular-nums; text-align: right; } .inside-answer .was { opacity: .75; font-size: .8rem; }</style>"""


def answer_view(found: Mapping[str, Any]) -> None:
    """The most probable classes, with the untouched network's probability where something is switched off."""
    if not found["answer"]:
        st.caption(tr("This network gives no row of class scores."))
        return
    before = {c["index"]: c["probability"] for c in found["untouched"]}
    st.html(f'{_STYLE}<div class="inside-answer">{"".join(_row(c, before, bool(before)) for c in found["answer"])}</div>')


def _row(score: Mapping[str, Any], before: Mapping[int, float], compared: bool) -> str:
    share, was = score["probability"], before.get(score["index"])
    said = ""
    if compared:
        said = f'<div class="was">{escape(tr("untouched: {share}", share=f"{was:.1%}") if was is not None else tr("untouched: not among the first"))}</div><div></div>'
    return f'<div>{escape(score["name"])}</div><div class="value">{share:.1%}</div><div class="bar"><i style="width:{share:.1%}"></i></div>{said}'


def trained_note(state: InsideState, found: Mapping[str, Any]) -> str:
    """How much of the network is trained."""
    if not state.weights:
        return tr("The weights are random (a fixed seed): maps and arithmetic are real, the answer means nothing.")
    if found["trained"] < found["tensors"]:
        return tr("{n} of {total} tensors are trained; the others no longer fit, and are random.", n=found["trained"], total=found["tensors"])
    return tr("All {n} tensors are trained.", n=found["tensors"])


def field_sentence(field: Sequence[int] | None, acting: Mapping[str, Any] | None) -> str:
    """How much of the picture the chosen number can see, and how much of it acts; "" where nothing is known of either."""
    said = []
    if field is not None:
        rows, columns = _sides(field)
        said.append(tr("The frame is all that the chosen number can see: {rows} × {columns} pixels.", rows=rows, columns=columns))
    if acting is not None and acting["box"]:
        rows, columns = _sides(acting["box"])
        said.append(tr("95 % of its gradient lies in the outline: {n} pixels, within {rows} × {columns}.", n=acting["pixels"], rows=rows, columns=columns))
    elif acting is not None:
        said.append(tr("Its gradient is zero: no small change of the picture moves this number."))
    return " ".join(said)


def _sides(box: Sequence[int]) -> tuple[int, int]:
    return box[1] - box[0] + 1, box[3] - box[2] + 1


def statistics_view(found: Mapping[str, Any]) -> None:
    """Statistics of the open operation in one line, and its histogram."""
    s = found["statistics"]
    st.caption(
        tr(
            "Mean {mean} · deviation {deviation} · norm {norm} · {low} to {high} · {zeros} of the values are zero · {dead} of the {n} channels are dead",
            mean=written(s["mean"], 4),
            deviation=written(s["deviation"], 4),
            norm=written(s["norm"], 4),
            low=written(s["low"], 4),
            high=written(s["high"], 4),
            zeros=f"{s['zeros']:.1%}",
            dead=f"{s['dead']:.1%}",
            n=found["count"],
        )
    )


def histogram_view(found: Mapping[str, Any], state: InsideState, title: str) -> None:
    """The histogram of all values of the open operation."""
    histogram_chart(found, state, "inside-histogram", f"histogram {title}", tr("Value"), tr("Number of values"))


def histogram_chart(found: Mapping[str, Any], state: InsideState, key: str, name: str, across: str, many: str) -> None:
    """The equal bins of ``found``, with "edges" and "counts"; ``across`` and ``many`` are the titles of the axes."""
    edges, counts = found["edges"], found["counts"]
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    figure = go.Figure(go.Bar(x=middles, y=counts, width=edges[1] - edges[0]))
    figure.update_layout(xaxis_title=across, yaxis_title=many, bargap=0)
    frame = pd.DataFrame({"from": edges[:-1], "to": edges[1:], "count": counts})
    chart(figure, key=key, name=name, of=state.choice, frame=frame, heads={"from": tr("From"), "to": tr("To"), "count": many}, height=260)


def is_off(state: InsideState, channel: int) -> bool:
    """Whether the open operation's ``channel`` is switched off, alone or with all others."""
    return (state.node, channel) in state.off or (state.node, WHOLE) in state.off


def switches(state: InsideState, analysis: Analysis, count: int) -> None:
    """Buttons that switch the chosen channel or the whole operation off and on, and undo everything."""
    node, channel = state.node, min(state.channel, count - 1)
    one, whole = (node, channel) in state.off, (node, WHOLE) in state.off
    full = len(state.off) >= MOST_OFF
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        label = tr("Switch channel {n} on", n=channel) if one else tr("Switch channel {n} off", n=channel)
        st.button(
            label, key="inside.off", icon=":material/power_settings_new:", on_click=_switch, args=(state, node, channel), disabled=whole or (full and not one)
        )
        label = tr("Switch the operation on") if whole else tr("Switch the operation off")
        st.button(label, key="inside.off.whole", on_click=_switch, args=(state, node, WHOLE), disabled=full and not whole)
        if state.off or not state.what.is_nothing:
            st.button(tr("Undo all"), key="inside.undo", icon=":material/undo:", on_click=_as_it_is, args=(state,))
        if state.off:
            st.caption(switched_off(state.off, analysis))


def switched_off(off: Sequence[tuple[int, int]], analysis: Analysis) -> str:
    """What is switched off, by operation."""
    by: dict[int, list[str]] = {}
    for node, channel in off:
        by.setdefault(node, []).append(tr("all") if channel == WHOLE else str(channel))
    parts = [f"{node} · {analysis.graph.nodes[node].op}: {', '.join(channels)}" for node, channels in by.items() if node < len(analysis.graph.nodes)]
    return tr("Off: {what}", what="; ".join(parts))


def _as_it_is(state: InsideState) -> None:
    for key in [key for key in st.session_state if str(key).startswith("inside.if.")]:
        del st.session_state[key]
    INSIDE.update(replace(state, off=(), what=WhatIf()))


def _switch(state: InsideState, node: int, channel: int) -> None:
    one = (node, channel)
    _set_off(state, tuple(sorted(set(state.off) ^ {one})))


def _set_off(state: InsideState, off: tuple[tuple[int, int], ...]) -> None:
    INSIDE.update(replace(state, off=off))
