"""Where the time goes: measured seconds by operation, in the graph and as a table, with the sum, the whole and the difference explained."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from blocks.analysis import Analysis
from blocks.language import retell, tr, translatable
from blocks.latency import lab
from viz.graph.view import graph_view
from viz.kit.board import Side
from viz.kit.charts import chart, is_dark
from viz.kit.choice import Choice, analysed
from viz.kit.lab_task import LabTask
from viz.kit.measured_times import keep_profile
from viz.kit.saving import saved_table
from viz.kit.session import session
from viz.kit.task import begin, live, progress, running, tasks
from viz.latency import figures
from viz.latency.address import LatencyState
from viz.latency.session import task_key

_KEY = task_key("profile")
_COLUMNS = {
    "module": translatable("module"),
    "op": translatable("op"),
    "kind": translatable("kind"),
    "setting": translatable("setting"),
    "output": translatable("output"),
    "bytes": translatable("bytes"),
}


def profile_section(state: LatencyState, sides: Sequence[Side]) -> None:
    """One network's profile: figures, graph, bars and table."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        place = 0
        if len(sides) > 1:
            place = st.segmented_control(tr("Network"), range(len(sides)), key="latency.profiled", default=0, required=True, format_func=lambda i: sides[i].title,
                                         label_visibility="collapsed")  # fmt: skip
        if st.button(tr("Profile"), type="primary", icon=":material/query_stats:", key="latency.profile"):
            begin(_KEY, lambda: _submitted(state, sides[min(place, len(sides) - 1)]))
        task = tasks().get(_KEY)
        if st.button(tr("Stop"), icon=":material/stop:", key="latency.stop_profile", disabled=not running([task])) and task is not None:
            task.stop()
        st.caption(tr("Runs the network under torch's profiler and lays each operation's time on the graph."))
    if task is not None:
        live([task], lambda: progress(task))
        if isinstance(task.result, lab.Profile):
            keep_profile(task.about[0], task.result)
            _shown(task.result, *task.about)


def _submitted(state: LatencyState, side: Side) -> LabTask:
    return LabTask(lab.profile(state.conditions.experiment(side.choice), session=session()), about=(side.choice, side.title))


def _shown(found: lab.Profile, choice: Choice, title: str) -> None:
    analysis = analysed(choice)
    st.markdown(f"#### {title}: {found.experiment.describe()}")
    whole, total, rest = st.columns(3)
    share = found.sum / found.profiled if found.profiled else 0.0
    whole.metric(
        tr("A whole pass"), f"{found.whole * 1e3:.4g} ms", tr("median of {n} passes", n=found.passes), delta_color="off", delta_arrow="off", border=True
    )
    total.metric(
        tr("Its operations"),
        f"{found.sum * 1e3:.4g} ms",
        tr("{share} % of a profiled pass", share=f"{100 * share:.3g}"),
        delta_color="off",
        delta_arrow="off",
        border=True,
    )
    rest.metric(
        tr("Between and beside"), f"{(found.profiled - found.sum) * 1e3:.4g} ms", tr("{share} %, explained below", share=f"{100 * (1 - share):.3g}"),
        delta_color="off", delta_arrow="off", border=True,
    )  # fmt: skip
    st.caption(" ".join(map(retell, [*found.explained, *found.remarks])))
    picture, bars = st.columns([3, 2], gap="medium")
    with picture:
        graph_view(analysis, key="latency.graph", height=560, overlay="time", times=found.by_node, saved_as=choice, on_select="ignore")
    with bars:
        table = layer_times(analysis, found)
        st.markdown(f"**{tr('By kind of operation')}**")
        chart(figures.kind_chart(table.groupby("kind")["ms"].sum() / 1e3, is_dark()), key="latency-kinds", name="time-by-kind", of=choice, height=460)
    saved_table(
        table, "profile", {**{name: st.column_config.Column(tr(title)) for name, title in _COLUMNS.items()},
                       "share": st.column_config.ProgressColumn(tr("share"), format="percent", min_value=0, max_value=float(table["share"].max() or 1)),
                       "ms": st.column_config.NumberColumn("ms", format="%.4f")}, of=choice, what="time-by-operation", width="stretch", height=420,
    )  # fmt: skip


def layer_times(analysis: Analysis, found: lab.Profile) -> pd.DataFrame:
    """The layer table with milliseconds, their interval and share, longest first."""
    table = analysis.table.set_index("node")
    rows = table.loc[[n for n in found.by_node if n in table.index], ["module", "op", "kind", "setting", "output", "macs", "bytes"]]
    seconds = pd.Series(found.by_node).reindex(rows.index)
    bounds = [found.intervals.get(int(n)) for n in rows.index]
    rows.insert(3, "ms", seconds * 1e3)
    rows.insert(4, "95 %", [f"{b[0] * 1e3:.3g} – {b[1] * 1e3:.3g}" if b else "" for b in bounds])
    rows.insert(5, "share", seconds / found.sum if found.sum else 0.0)
    return rows.sort_values("ms", ascending=False)
