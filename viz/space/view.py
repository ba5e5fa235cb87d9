"""The Design space's main part: the sample as it is counted, the cost chart, the choice made on it."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from blocks.language import retell, tr, translatable, trn
from blocks.space.choose import front, within
from viz.kit import links
from viz.kit.charts import chart, is_dark
from viz.kit.choice import Choice
from viz.kit.chosen_device import device_words
from viz.kit.figures import CHART_FIGURES
from viz.kit.markdown import error_box, plain_markdown
from viz.kit.measuring import interval_text, measuring
from viz.kit.navigation import go as open_link
from viz.kit.navigation import link_to
from viz.kit.saving import saved_table
from viz.kit.task import live, progress
from viz.kit.widget_state import held_index
from viz.space.address import X_KEY, Y_KEY, Design, movable
from viz.space.figures import cost_scatter, parallel
from viz.space.sampled import Sampled, choice_of, published_frame

_TABLE_ROWS = 500
#: Pixels for each axis of parallel coordinates: the longest of their titles.
_AXIS_WIDTH = 92
_SCROLLED = """.st-key-design-parallel-chart {{ overflow-x: auto; }}
.st-key-design-parallel-chart > .stElementContainer:has(.stPlotlyChart) {{ min-width: {width}px; }}"""


def axes_of_chart(state: Design) -> tuple[str, str]:
    """Which figures the cost chart shows."""
    left, right = st.columns(2)
    names = state.figures
    index = held_index(X_KEY, names, state.x if state.x in names else names[1])
    x = left.selectbox(tr("Cost"), names, index, format_func=lambda f: tr(CHART_FIGURES[f].label), key=X_KEY)
    others = [name for name in names if name != x]  # a figure against itself says nothing
    index = held_index(Y_KEY, others, state.y if state.y in others else others[0])
    y = right.selectbox(tr("Against"), others, index, format_func=lambda f: tr(CHART_FIGURES[f].label), key=Y_KEY)
    return x, y


def space_view(state: Design, drawn: Sampled) -> None:
    """Everything about a sample. While it is being counted the page refreshes this part by itself; the chart answers when all is there."""
    if drawn.task.over:
        _whole(state, drawn)
    else:
        live([drawn.task], lambda: _growing(state, drawn), every=1.0)


_OPENS = translatable("a click opens a variant")
#: What the mouse does on the chart: plotly's drag mode, and what Streamlit tells of it. Plotly tells no click while a box is the tool.
_TOOLS: dict[str, tuple[str, Literal["points", "box"]]] = {_OPENS: ("pan", "points"), translatable("a box filters"): ("select", "box")}


def _growing(state: Design, drawn: Sampled) -> None:
    progress(drawn.task, tr("{counted} variants, each exactly", counted=drawn.task.message), stop="design.cancel", stop_label=tr("Cancel"))
    frame = drawn.frame()
    if not frame.empty:
        made, *_ = _drawn(state, drawn, frame)
        chart(made, key="design.growing", name="design-space", of=state.choice, height=520)


def _drawn(state: Design, drawn: Sampled, frame: pd.DataFrame) -> tuple[go.Figure, pd.Series, list[int], dict[str, str]]:
    """The cost chart, which rows keep to the budgets, the front, and the words for what moves; the summary is written above it."""
    fits = within(frame, {k: v for k, v in state.budgets.items() if k in frame})
    best = front(frame[fits], state.x, state.y, more_y=state.y == "params")
    labels = {name: label for name, label in movable(state.choice.name).items() if name in state.moving}
    _summary(drawn, fits, best, state)
    return cost_scatter(frame, state.x, state.y, best, fits, published_frame(state), state.budgets, labels, is_dark()), fits, best, labels


def _whole(state: Design, drawn: Sampled) -> None:
    job = drawn.job
    frame = drawn.frame()
    if frame.empty:
        reason = retell(next(iter(job.errors.values()), job.error)) or tr("Nothing was counted.")
        error_box(tr("None of the {n} variants can be counted. {reason}", n=job.total, reason=reason))
        return
    made, fits, best, labels = _drawn(state, drawn, frame)
    tool = st.segmented_control(tr("On the chart"), list(_TOOLS), key="design.tool", default=_OPENS, required=True, format_func=tr)
    drag, kind = _TOOLS[tool or _OPENS]
    made.update_layout(dragmode=drag)
    event = chart(
        made, key=f"design.chart.{kind}", name="design-space", of=state.choice, frame=_flat(frame), height=520, on_select="rerun", selection_mode=kind
    )
    picked = [i for i in _picked(state, drawn, event) if i in frame.index]
    shown = frame.loc[picked] if picked else frame[fits]
    if picked:
        said = trn(
            "{n} variant brushed; a double click on the chart clears the brush.",
            "{n} variants brushed; a double click on the chart clears the brush.",
            len(shown),
        )
        st.caption(f":material/filter_alt: {said}")
    else:
        st.caption(tr("A row of the table opens in Explore, too."))
    if state.timed_on:
        _device_caption(state.timed_on, frame)
    _details(state, drawn, shown, labels)
    _measured(state, drawn, list(shown.index) if picked else best, frame, labels)


def _device_caption(device: str, frame: pd.DataFrame) -> None:
    """Which device the times are of, and how wide their intervals are."""
    title = plain_markdown(device_words(device))
    wide = (frame["device_high"] / frame["device_time"]).median()
    said = tr(
        "Times on {device} are estimates of one picture in float32, not measured here; half of their 90 % intervals reach beyond ×÷ {wide}.",
        device=title,
        wide=f"{wide:.2f}",
    )
    st.caption(f":material/timer: {said}")


def _measured(state: Design, drawn: Sampled, places: list[int], frame: pd.DataFrame, labels: dict[str, str]) -> None:
    """Latency of the front, or of what was brushed, measured on a device of this machine."""
    points = {place: choice_of(state, drawn.variants[place]) for place in places}

    def draw(found: pd.DataFrame) -> None:
        known = found[found["point"].isin(frame.index)]
        merged = readable_table(frame.loc[known["point"]], labels).reset_index(drop=True)
        merged.insert(0, tr("Measured (ms)"), known["median"].round(3).to_numpy())
        merged.insert(1, tr("95 % interval"), known.apply(interval_text, axis=1).to_numpy())
        saved_table(merged, "measured", of=state.choice, what="design-space-measured")

    measuring(points, tr("Latency of {n} variants: those that are brushed, else the front.", n=len(points)), "design.run", draw)


def _summary(drawn: Sampled, fits: pd.Series, best: list[int], state: Design) -> None:
    job = drawn.job
    columns = st.columns(4)
    cells = (
        (
            tr("Counted"), len(fits), tr("of {n} drawn", n=job.total) if job.total != len(fits) else tr("all that were drawn"),
            tr("Each by a trace, or by a formula checked against traces."),
        ),
        (
            tr("Refused"), len(job.errors), tr("combinations skipped"),
            retell(next(iter(job.errors.values()), "")) or tr("No combination breaks a rule of the network."),
        ),
        (
            tr("Within budgets"), int(fits.sum()), trn("{n} budget", "{n} budgets", len(state.budgets)) if state.budgets else tr("no budget set"),
            tr("Budgets are in the sidebar."),
        ),
        (
            tr("On the front"), len(best), tr("more parameters for less cost") if state.y == "params" else tr("less of both"),
            tr("No other variant within the budgets beats these in both figures."),
        ),
    )  # fmt: skip
    for column, (label, value, said, meaning) in zip(columns, cells, strict=True):
        column.metric(label, value, said, delta_color="off", delta_arrow="off", help=meaning)
    if job.state == "cancelled":
        st.caption(f":material/stop: {tr('Cancelled; what was counted until then is shown.')}")


def _picked(state: Design, drawn: Sampled, event: Any) -> list[int]:
    """Places of the variants that were brushed; a click on one opens it in Explore instead."""
    selection = event.get("selection", {}) if event is not None else {}
    found = [tuple(p["customdata"]) for p in selection.get("points", []) if p.get("customdata")]
    if len(found) == 1 and not selection.get("box"):
        place, words = found[0]
        open_link(links.explore_link(choice_of(state, drawn.variants[int(place)]) if int(place) >= 0 else Choice(words)))
    return list(dict.fromkeys(int(place) for place, _ in found if int(place) >= 0))


def _details(state: Design, drawn: Sampled, shown: pd.DataFrame, labels: dict[str, str]) -> None:
    view = st.segmented_control(
        tr("Details"),
        [translatable("Parallel coordinates"), translatable("Table")],
        default="Parallel coordinates",
        key="design.view",
        format_func=tr,
        required=True,
        label_visibility="collapsed",
    )
    if shown.empty:
        st.caption(tr("No variant is within the budgets."))
        return
    if view == "Parallel coordinates":
        made = parallel(shown, labels, state.figures, state.x, is_dark())
        st.html(f"<style>{_SCROLLED.format(width=_AXIS_WIDTH * len(made.data[0].dimensions))}</style>")
        chart(made, key="design.parallel", name="design-space-parallel", of=state.choice, frame=_flat(shown), height=420)
        st.caption(tr("A range drawn on an axis keeps only the lines through it; the colour is the chart's cost."))
        return
    ordered = shown.sort_values(state.x).head(_TABLE_ROWS)
    table = readable_table(ordered, labels)
    event = saved_table(table, "variants", of=state.choice, what="design-space", key="design.table", on_select="rerun", selection_mode="single-row", height=380)
    rows = event["selection"]["rows"]
    if rows:
        place = int(ordered.index[rows[0]])
        link_to(links.explore_link(choice_of(state, drawn.variants[place])), tr("Open this variant in Explore"), icon=":material/tune:")


def readable_table(frame: pd.DataFrame, labels: dict[str, str]) -> pd.DataFrame:
    """The table with words and units."""
    made = pd.DataFrame(
        {label: frame[name].map(lambda v: ",".join(map(str, v)) if isinstance(v, tuple) else v) for name, label in labels.items() if name in frame}
    )
    for name, figure in CHART_FIGURES.items():
        if name in frame:
            made[figure.title if figure.unit else f"{tr(figure.label)} (M)"] = (frame[name] * (figure.scale if figure.unit else 1e-6)).round(4)
    if "device_low" in frame:
        made[tr("90 % from (ms)")], made[tr("to (ms)")] = (1e3 * frame["device_low"]).round(4), (1e3 * frame["device_high"]).round(4)
    return made


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """The table for a file: lists as text."""
    return frame.map(lambda v: " ".join(map(str, v)) if isinstance(v, tuple) else v)
