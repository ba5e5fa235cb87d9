"""The details below the picture: layers, stages, memory, code, published figures."""

from __future__ import annotations

import inspect
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from blocks import catalog, reference
from blocks.cost import memory
from blocks.language import language, tr, translatable
from viz.explore.row_in_sight import in_sight
from viz.graph.view_state import Selection
from viz.kit import palette
from viz.kit.charts import chart
from viz.kit.choice import Choice, analysed, python_code
from viz.kit.data_table import data_table
from viz.kit.markdown import plain_markdown, without_links
from viz.kit.saving import csv_button, saved_table

_COLUMNS = {
    "module": translatable("Module"), "class": translatable("Class"), "op": translatable("Operation"), "kind": translatable("Kind"),
    "setting": translatable("Setting"), "input": translatable("Input"), "output": translatable("Output"), "params": translatable("Parameters"),
    "macs": translatable("MACs"), "flops": translatable("FLOPs"), "bytes": translatable("Bytes"), "intensity": translatable("FLOPs/byte"),
    "field": translatable("Receptive field"),
}  # fmt: skip

_TABLE, _NODES, _FOLLOWED = "layers.table", "layers.nodes", "layers.followed"
_SHOWN = "layers.shown"  # (row that was brought into sight last, how often one was)
PICKED = "layers.picked"  # in the session's state: the node of the row that was clicked last, until the graph takes it


def layers_view(choice: Choice, selection: Selection | None = None) -> None:
    """The layer table: sortable by a click on its head, filtered here, downloaded as CSV; its row and the graph's ``selection`` follow each other."""
    analysis = analysed(choice)
    frame, nodes = analysis.table[list(_COLUMNS)], analysis.table["node"]
    frame.columns = pd.Index(list(_COLUMNS.values()))
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    text = left.text_input(tr("Filter"), key="layer_filter", placeholder=tr("part of a module, class or operation"), label_visibility="collapsed")
    kinds = right.pills(tr("Kinds"), frame["Kind"].unique().tolist(), selection_mode="multi", format_func=tr, key="layer_kinds", label_visibility="collapsed")
    shown = frame[frame["Kind"].isin(kinds)] if kinds else frame
    if text:
        hit = shown[["Module", "Class", "Operation"]].apply(lambda column: column.str.contains(text, case=False, regex=False)).any(axis=1)
        shown = shown[hit]
    numbers = {c: st.column_config.NumberColumn(tr(c), format="localized") for c in ("Parameters", "MACs", "FLOPs", "Bytes")}
    _follow((nodes if shown is frame else nodes[shown.index]).tolist(), selection)
    config = {c: st.column_config.Column(tr(c)) for c in _COLUMNS.values()} | numbers
    config["FLOPs/byte"] = st.column_config.NumberColumn(tr("FLOPs/byte"), format="%.2f")
    data_table(
        shown if language() == "en" else shown.assign(Kind=shown["Kind"].map(tr)),
        "layers",
        config,
        width="stretch",
        height=420,
        key=_TABLE,
        selection_mode="single-row",
        on_select=_picked,
    )
    if (followed := st.session_state.get(_SHOWN)) is not None:
        in_sight(_TABLE, *followed)
    sums = {name: shown[name].sum() for name in ("Parameters", "MACs", "FLOPs", "Bytes")}
    left, right = st.columns([4, 1], vertical_alignment="center")
    left.caption(
        tr("{n} of {all} operations", n=len(shown), all=len(frame)) + " · " + " · ".join(f"{tr(str(n))} {int(v):,}".replace(",", " ") for n, v in sums.items())
    )
    with right:
        csv_button(shown, of=choice, what="layers", key="layers.csv", heads={"Bytes": "Bytes moved (B)", "FLOPs/byte": "Intensity (FLOPs/B)"}, width="stretch")
    if analysis.not_counted:
        st.warning(tr("Not counted: {operations}", operations=without_links("; ".join(map(str, analysis.not_counted)))), icon=":material/warning:")
    for note in analysis.notes:
        st.caption(plain_markdown(note))


def _picked() -> None:
    """A row was clicked: the graph will select its operation."""
    rows = st.session_state[_TABLE]["selection"]["rows"]
    nodes = st.session_state.get(_NODES, [])
    if rows and rows[0] < len(nodes):
        st.session_state[PICKED] = nodes[rows[0]]


def _follow(nodes: list[int], selection: Selection | None) -> None:
    """Mark the row of what the graph selected, unless the row is the one that selected it."""
    st.session_state[_NODES] = nodes
    if selection is None or st.session_state.get(_FOLLOWED) == selection:
        return
    st.session_state[_FOLLOWED] = selection
    marked = (st.session_state.get(_TABLE) or {}).get("selection", {}).get("rows", [])
    if any(row < len(nodes) and selection.start <= nodes[row] < selection.stop for row in marked):
        return
    row = next((i for i, node in enumerate(nodes) if selection.start <= node < selection.stop), None)
    st.session_state[_TABLE] = {"selection": {"rows": [] if row is None else [row], "columns": [], "cells": []}}
    if row is not None:
        st.session_state[_SHOWN] = (row, (st.session_state.get(_SHOWN) or (0, 0))[1] + 1)


def stages_view(choice: Choice) -> None:
    """Sums by stage and by kind of operation."""
    analysis = analysed(choice)
    left, right = st.columns(2)
    with left:
        _bars(choice, "by-stage", analysis.by_stage(), tr("By stage"), None)
    with right:
        _bars(choice, "by-kind", analysis.by_kind().rename(index=tr), tr("By kind of operation"), {tr(k): c.light for k, c in palette.KIND_COLOURS.items()})


def _bars(choice: Choice, way: str, frame: pd.DataFrame, title: str, colours: dict[str, str] | None) -> None:
    costs = {cost: tr(_COLUMNS[cost]) for cost in ("params", "macs", "flops", "bytes")}
    share = frame[list(costs)] / frame[list(costs)].sum().clip(lower=1) * 100
    figure = go.Figure()
    for name, row in share.iterrows():
        exact = [f"{int(v):,}".replace(",", " ") for v in frame.loc[[name], list(costs)].iloc[0]]
        figure.add_bar(
            y=list(costs.values()), x=row, name=str(name), orientation="h", customdata=exact, hovertemplate=f"{name}: %{{customdata}} (%{{x:.1f}} %)<extra></extra>",
            marker_color=colours.get(str(name)) if colours else None,
        )  # fmt: skip
    figure.update_layout(barmode="stack", title=title, hovermode="closest")
    figure.update_xaxes(ticksuffix=" %", range=[0, 100])
    chart(figure, key=f"bars.{way}", name=f"shares-{way}", of=choice, height=340)
    shown = frame[["operations", *costs]].rename(columns={**costs, "operations": tr("operations")})
    saved_table(shown, f"sums-{way}", of=choice, what=f"costs-{way}", index=True, width="stretch")


def memory_timeline(choice: Choice) -> None:
    """Activation memory while the network runs, operation by operation."""
    analysis = analysed(choice)
    line = memory.timeline(analysis.graph, analysis.training)
    names = [f"{analysis.graph.label(n)} · {n.op}" for n in analysis.graph.nodes]
    figure = go.Figure(
        go.Scatter(
            y=[v / 2**20 for v in line], text=names, mode="lines", line_shape="hv", fill="tozeroy", hovertemplate="%{text}<br>%{y:.2f} MiB<extra></extra>"
        )
    )
    figure.update_layout(xaxis_title=tr("operation"), yaxis_title=tr("activations alive (MiB)"))
    frame = pd.DataFrame({"operation": names, "activations alive (B)": line})
    chart(figure, key="memory-timeline", name="memory", of=choice, frame=frame, height=360)
    kept = tr("what the backward pass needs is kept") if analysis.training else tr("an activation lives as long as the code holds it")
    st.caption(tr("{type}, batch {n}; {kept}. Parameters are not included.", type=analysis.dtype, n=analysis.input_shape[0], kept=kept))


def code_view(choice: Choice) -> None:
    """The call that makes exactly this network, and the class's own source."""
    st.code(python_code(choice), language="python")
    cls: Any = catalog.entry(choice.name).cls
    cls = getattr(cls, "opened", cls)  # what a network from outside is made by
    if cls is None:
        st.caption(tr("{summary} Its source is not here.", summary=catalog.entry(choice.name).summary))
        return
    st.caption(tr("`{name}`, as it runs here", name=f"{cls.__module__}.{getattr(cls, '__qualname__', '')}"))
    st.code(inspect.getsource(cls), language="python", line_numbers=True, height=420)


def subtitle(choice: Choice) -> str:
    """Family, paper and input of a choice, in a line."""
    entry = catalog.entry(choice.name)
    return " · ".join([entry.family.title, *map(cited, entry.papers[:1]), tr("input {shape}", shape=" × ".join(map(str, choice.shape)))])


def cited(paper: catalog.Paper) -> str:
    """A paper by its first author and year, as a link."""
    return f"[{tr('{author} et al.', author=paper.authors.split(',')[0])} {paper.year}]({paper.link})"


def published_view(choice: Choice) -> None:
    """Papers, published accuracy and published throughput, with their sources."""
    entry = catalog.entry(choice.name)
    st.markdown(f"**{tr(entry.summary)}**")
    for paper in entry.papers:
        title = f"[{paper.title}]({paper.link})" if paper.link else paper.title
        st.markdown(f"{title} — {paper.authors}, {paper.year}" + (f", arXiv {paper.arxiv}" if paper.arxiv else ""))
    if entry.equals:
        st.caption(tr("`{name}` computes the same function as {other}'s.", name=entry.name, other=entry.equals))
    if choice != choice.default():
        st.caption(tr("Published accuracy and throughput are of {name} as published; they are shown while no knob is turned.", name=entry.name))
        return
    left, right = st.columns(2)
    with left:
        _table(choice, tr("Published accuracy"), "accuracy", reference.accuracy(choice.name), {"value": st.column_config.NumberColumn(tr("value (%)"))})
    with right:
        _table(
            choice,
            tr("Published throughput (timm), not measured here"),
            "throughput",
            reference.throughput(choice.name),
            {"images_per_second": st.column_config.NumberColumn(tr("images/s"), format="localized")},
        )


def _table(choice: Choice, title: str, what: str, frame: pd.DataFrame, columns: dict[str, object]) -> None:
    st.markdown(f"**{title}**")
    if frame.empty:
        st.caption(tr("None is on record for this name."))
    else:
        saved_table(frame, what, columns, of=choice, what=f"published-{what}", width="stretch")
