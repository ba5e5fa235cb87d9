"""Where an attention operation looks: each head over the picture, the rollout of the layers so far, and how far the heads of all layers look."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from blocks.language import tr
from viz.inside.address import INSIDE, InsideState
from viz.inside.panes import inside_component
from viz.inside.wording import written
from viz.kit.charts import chart

_attention = inside_component("attention")


def attention_view(state: InsideState, found: Mapping[str, Any], picture: bytes) -> None:
    """Everything of one answer to "attention"; ``picture`` is what the network saw. The chosen head is the chosen channel of the operation."""
    key = "inside.attention"
    head = min(state.channel, len(found["heads"]) - 1)

    def asked() -> None:
        query = getattr(st.session_state[key], "query", None)
        if query is not None:
            row, _, column = str(query).partition(".")
            INSIDE.update(replace(state, query=None if query == "token" else (int(row), int(column))))

    def head_clicked() -> None:
        number = getattr(st.session_state[key], "head", None)
        if number is not None:
            INSIDE.update(replace(state, channel=int(number)))

    _attention(key=key, data=pane_data(found, picture, head), on_query_change=asked, on_head_change=head_clicked)
    st.caption(head_sentence(found, head))
    with st.expander(tr("How far the heads of each layer look")):
        _distances(found, state)


def pane_data(found: Mapping[str, Any], picture: bytes, head: int) -> dict[str, Any]:
    """What the component draws."""
    heads = [
        {
            "map": one["map"],
            "label": tr("Head {n}", n=number),
            "small": f"{number} · {tr('{n} px', n=round(one['distance']))}",
            "title": f"{tr('Head {n}', n=number)}: {_gives(one, found['first'])} {_far(one['distance'])}",
        }
        for number, one in enumerate(found["heads"])
    ]
    return {
        "source": f"data:image/png;base64,{base64.b64encode(picture).decode()}",
        "heads": heads,
        "head": head,
        "rollout": {"map": found["rollout"]["map"], "label": tr("Rollout, layers 1 to {n}", n=len(found["layers"]))},
        "size": found["size"],
        "first": found["first"],
        "query": found["query"],
        "words": {"map": tr("The picture; a click or the arrow keys choose the patch that asks"), "heads": tr("Heads"), "token": tr("Class token")},
    }


def head_sentence(found: Mapping[str, Any], head: int) -> str:
    """Who asks, and what the chosen head and the rollout give it."""
    query, one, first = found["query"], found["heads"][head], found["first"]
    asks = tr("The class token asks.") if query is None else tr("Patch ({row}, {column}) asks.", row=query[0], column=query[1])
    alone = tr("With equal weights each token would get {share}.", share=f"{1 / (first + found['size'][0] * found['size'][1]):.2%}")
    flows = tr("Rollout: {what}", what=_gives(found["rollout"], first))
    return " ".join([asks, f"{tr('Head {n}', n=head)}: {_gives(one, first)}", _far(one["distance"]), flows, alone])


def _gives(one: Mapping[str, Any], first: int) -> str:
    row, column = one["most"]
    token = [tr("{share} to the class token", share=f"{one['class']:.2%}")] if first else []
    own = [] if one["own"] is None else [tr("{share} to itself", share=f"{one['own']:.2%}")]
    other = tr("most of the patches, {share}, to ({row}, {column}).", share=f"{one['share']:.2%}", row=row, column=column)
    if own:
        other = tr("most of the other patches, {share}, to ({row}, {column}).", share=f"{one['share']:.2%}", row=row, column=column)
    return "; ".join([*token, *own, other])


def _far(distance: float) -> str:
    return tr("Over all patches it looks {n} pixels far.", n=written(distance, 3))


def _distances(found: Mapping[str, Any], state: InsideState) -> None:
    """The mean distance of every head against its layer."""
    rows = distance_rows(found["distances"])
    frame = pd.DataFrame(rows, columns=["layer", "head", "distance"])
    figure = go.Figure(go.Scatter(x=frame["layer"], y=frame["distance"], mode="markers", text=[tr("Head {n}", n=n) for n in frame["head"]]))
    figure.update_layout(xaxis_title=tr("Layer"), yaxis_title=tr("Mean distance (pixels)"), yaxis_rangemode="tozero", xaxis_dtick=1)
    heads = {"layer": tr("Layer"), "head": tr("Head"), "distance": tr("Mean distance (pixels)")}
    chart(figure, key="inside-distances", name="attention distance", of=state.choice, frame=frame, heads=heads, height=280)
    st.caption(
        tr(
            "A distance is weighted by the attention and averaged over all patches that ask; the class token is left out. Layers after the open one are not shown."
        )
    )


def distance_rows(distances: Sequence[Sequence[float | None]]) -> list[tuple[int, int, float]]:
    """Layer from 1 on, head and distance."""
    return [(layer, head, d) for layer, row in enumerate(distances, 1) for head, d in enumerate(row) if d is not None]
