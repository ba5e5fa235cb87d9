"""The parts of the Compare page that are tables and charts."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from blocks.cost.diff import Diff
from blocks.language import tr, translatable
from viz.compare.content import (
    COST_TITLES,
    DIFFERENCE_TITLES,
    GROUPINGS,
    accuracy_frame,
    cost_frame,
    figure_rows,
    knob_rows,
    recorded,
    throughput_frame,
    usual_grouping,
)
from viz.compare.graphs import select_node
from viz.compare.tables import STYLE, html_table
from viz.kit.board import Side
from viz.kit.charts import chart, is_dark
from viz.kit.numbers import all_digits
from viz.kit.palette import variant_colour
from viz.kit.saving import column_head, saved_table

_TABLE, _ROWS = "compare.difference", "compare.difference.rows"
_STATUSES = (translatable("added"), translatable("removed"), translatable("changed"), translatable("equal"))
_SIGNS = {"added": translatable("＋ added"), "removed": translatable("－ removed"), "changed": translatable("≠ changed")}


def figure_table(sides: Sequence[Side]) -> None:
    """The headline figures, each with its difference and ratio to the first variant's."""
    st.html(f"<style>{STYLE}</style>{html_table(sides, figure_rows(sides), is_dark())}")


def knob_table(sides: Sequence[Side]) -> None:
    """The knobs that differ; all of them on request."""
    everything = st.toggle(tr("All knobs"), key="compare.all_knobs")
    st.html(html_table(sides, knob_rows(sides, everything), is_dark(), quiet=True))


def cost_chart(sides: Sequence[Side]) -> None:
    """A cost by stage, by resolution or by kind of operation, a bar a variant."""
    row = st.container(horizontal=True, gap="medium")
    cost = row.segmented_control(
        tr("Cost"), list(COST_TITLES), key="compare.cost", default="macs", required=True, format_func=lambda q: tr(COST_TITLES[q]), label_visibility="collapsed"
    )
    usual = usual_grouping(sides)
    by = row.segmented_control(
        tr("Way"),
        list(GROUPINGS),
        key=f"compare.way.{usual}",
        default=usual,
        required=True,
        format_func=lambda w: tr(GROUPINGS[w]),
        label_visibility="collapsed",
    )
    frame = cost_frame(sides, by, cost)
    chart(
        cost_figure(sides, frame, tr(COST_TITLES[cost]), is_dark()),
        key="compare.costs",
        name=f"{cost}-by-{by}",
        of=[s.choice for s in sides],
        frame=frame.reset_index(),
        heads={s.title: f"{s.title}: {column_head(cost)}" for s in sides},
        height=400,
    )


def cost_figure(sides: Sequence[Side], frame: pd.DataFrame, quantity: str, dark: bool) -> go.Figure:
    """Grouped bars of ``frame`` (:func:`viz.compare.content.cost_frame`), each variant in its colour."""
    figure = go.Figure()
    for side in sides:
        values = frame[side.title]
        figure.add_bar(
            x=[str(i) for i in frame.index], y=values, name=side.title, marker_color=variant_colour(side.colour, dark), customdata=[all_digits(v) for v in values],
            hovertemplate=f"{side.title}<br>%{{x}}: %{{customdata}}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(barmode="group", bargap=0.25, hovermode="closest")
    figure.update_xaxes(type="category")
    figure.update_yaxes(title=quantity, tickformat="~s")
    return figure


def difference_table(sides: Sequence[Side], diffs: Sequence[Diff]) -> None:
    """What differs, the costliest first. ``diffs`` are of every further variant against the first."""
    row = st.container(horizontal=True, gap="medium")
    names = {i: sides[i + 1].title for i in range(len(diffs))}
    which = 0
    if len(diffs) > 1:
        which = row.segmented_control(
            tr("Against"),
            list(names),
            key=f"compare.against.{len(diffs)}",
            default=0,
            required=True,
            format_func=lambda i: names[i],
            label_visibility="collapsed",
        )
    level = row.segmented_control(tr("Rows"), ["class", "module", "operation"], key="compare.level", default="class", required=True, label_visibility="collapsed",
                                     format_func=lambda v: {"class": tr("By class"), "module": tr("By module"), "operation": tr("By operation")}[v])  # fmt: skip
    by = row.segmented_control(
        tr("Sorted by"),
        list(COST_TITLES),
        key="compare.by",
        default="macs",
        required=True,
        format_func=lambda q: tr(COST_TITLES[q]),
        label_visibility="collapsed",
    )
    found, other = diffs[which], sides[which + 1]
    st.markdown(difference_sentence(found, sides[0], other))
    table = found.table(by, level)
    if table.empty:
        return
    table["status"] = table["status"].map({status: tr(sign) for status, sign in _SIGNS.items()})
    numbers_of = [(other.number, b) if pd.notna(b) else (sides[0].number, a) for a, b in zip(table.pop("a"), table.pop("b"), strict=True)]
    st.session_state[_ROWS] = [(number, int(node)) for number, node in numbers_of]
    columns = {
        "status": tr("Difference"),
        **{name: tr(title) for name, title in DIFFERENCE_TITLES.items()},
        **{cost: tr(title) for cost, title in COST_TITLES.items()},
    }
    table = table.rename(columns=columns)
    numbers = {
        q: st.column_config.NumberColumn(f"{q} (Δ)", format="localized", help=tr("{b} less {a}", b=other.letter, a=sides[0].letter))
        for q in map(tr, COST_TITLES.values())
    }
    saved_table(
        table, "difference", {**numbers, tr("Change"): st.column_config.TextColumn(width="medium"), tr("Where"): st.column_config.TextColumn(width="medium")},
        of=[sides[0].choice, other.choice], what=f"difference-{sides[0].letter}-{other.letter}",
        width="stretch", height="content" if len(table) <= 12 else 440, key=_TABLE, on_select=_picked, selection_mode="single-row",
    )  # fmt: skip


def _picked() -> None:
    """A selected row selects its operations in the graphs."""
    chosen = st.session_state[_TABLE].selection.rows
    known: list[tuple[int, int]] = st.session_state.get(_ROWS, [])
    if chosen and chosen[0] < len(known):
        select_node(*known[chosen[0]])


def difference_sentence(found: Diff, first: Side, other: Side) -> str:
    """The difference in one sentence, every operation and parameter accounted for."""
    if not found:
        return tr(
            "**{a}** and **{b}** are the same network: all {n} operations and {params} parameters are equal.",
            a=first.letter,
            b=other.letter,
            n=len(found.equal),
            params=all_digits(first.analysis.params),
        )
    counted = {str(status): {str(k): int(v) for k, v in row.items()} for status, row in found.summary.to_dict("index").items()}
    parts = [f"{len(found.of(status))} {tr(status)}" for status in _STATUSES if found.of(status)]
    sums = [f"{all_digits(counted[status][side])} {tr(status)}" for status, side in (("added", "params_b"), ("removed", "params_a")) if counted[status][side]]
    before, after = counted["changed"]["params_a"], counted["changed"]["params_b"]
    sums += [tr("{before} became {after}", before=all_digits(before), after=all_digits(after))] if before or after else []
    sums += [tr("{params} in equal operations", params=all_digits(counted["equal"]["params_a"]))] if counted["equal"]["params_a"] else []
    return tr(
        "From **{a}** to **{b}**, operations: {operations}. Parameters: {params}.",
        a=first.letter,
        b=other.letter,
        operations=tr(", ").join(parts),
        params=tr(", ").join(sums) or tr("none"),
    )


def published_tables(sides: Sequence[Side]) -> None:
    """Accuracies and throughputs on record, side by side, never mixed with what was measured here."""
    accuracy, throughput = recorded(accuracy_frame(sides)), recorded(throughput_frame(sides))
    published = [side.choice.default() for side in sides]
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(tr("**Accuracy (%)**"))
        if accuracy.empty:
            st.caption(tr("None is on record for these."))
        else:
            saved_table(accuracy, "accuracy", of=published, what="published-accuracy", width="stretch", height="content" if len(accuracy) <= 10 else 380)
    with right:
        st.markdown(tr("**Throughput by timm (images/s), not measured here**"))
        if throughput.empty:
            st.caption(tr("None is on record for these."))
        else:
            numbers = {title: st.column_config.NumberColumn(format="localized") for title in throughput.columns[2:]}
            saved_table(
                throughput,
                "throughput",
                numbers,
                of=published,
                what="published-throughput",
                width="stretch",
                height="content" if len(throughput) <= 10 else 380,
            )
    turned = [side.title for side in sides if side.choice.knobs]
    if turned and not (accuracy.empty and throughput.empty):
        st.caption(tr("These belong to the networks as published; knobs are turned in {networks}.", networks=", ".join(turned)))
