"""The presets on accuracy against cost, below the map: a click opens one in Explore."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from blocks import catalog
from blocks.catalog import lineage
from blocks.language import tr
from blocks.space.choose import front
from blocks.space.published import PublishedPoint, first_published
from viz.atlas import costs
from viz.atlas.costs import COST_KINDS, Costs
from viz.kit import links, palette
from viz.kit.charts import chart, is_dark
from viz.kit.choice import Choice
from viz.kit.count_task import CountTask
from viz.kit.navigation import go as open_link
from viz.kit.numbers import short
from viz.kit.published_counts import published_count
from viz.kit.task import live, progress

SYMBOLS = dict(zip((i.name for i in lineage.IDEAS), ("circle", "square", "diamond", "cross", "triangle-up", "star", "hexagon"), strict=True))


def presets_view(family: str, hits: Collection[str] | None) -> None:
    """The chart; ``family`` is chosen on the map, ``hits`` are the families that a search found."""
    st.markdown(tr("### What accuracy costs"))
    count = published_count()
    if count.over:
        _chart_with_controls(family, hits, count)
    else:
        live([count], lambda: _chart_with_controls(family, hits, count), every=1.0)


def _chart_with_controls(family: str, hits: Collection[str] | None, count: CountTask) -> None:
    left, right = st.columns([1.4, 1], vertical_alignment="center")
    kind = left.segmented_control(
        tr("Cost"),
        list(COST_KINDS),
        format_func=lambda kind: tr(COST_KINDS[kind]),
        default="macs",
        key="atlas.cost",
        required=True,
        label_visibility="collapsed",
    )
    found = first_published()
    with right:
        chosen = _costs(kind, found)
    counts = kind in ("macs", "params")
    if counts and not count.over:
        progress(count, tr("{counting} published networks …", counting=count.message))
    if not chosen.values:
        if counts:
            return
        st.info(tr("Nothing of this kind yet. The Latency page measures; every result is kept and appears here."), icon=":material/timer:")
        return
    frame = preset_table(found, chosen)
    figure = accuracy_chart(frame, chosen, family, hits, is_dark())
    event = chart(
        figure, key=f"atlas.presets.{kind}", name=f"accuracy-against-{kind}", of=tr("{n} published networks", n=len(frame)), frame=frame,
        heads={"cost": chosen.title, "side": "side (px)"}, height=520, on_select="rerun", selection_mode="points",
    )  # fmt: skip
    st.caption(
        chosen.source
        + " "
        + tr("Accuracy is published (top-1 on ImageNet-1K, one recipe a network; the pointer shows whose): recipes differ, and account for several percent.")
    )
    _open(event)


def _costs(kind: str, found: dict[str, PublishedPoint]) -> Costs:
    if kind in ("macs", "params"):
        return costs.counted_costs(kind, found)
    if kind == "throughput":
        names = costs.throughput_setups()
        return costs.throughput_costs(st.selectbox(tr("Set-up"), names, key="atlas.setup", label_visibility="collapsed"), found)
    known = costs.measured_conditions()
    if not known:
        return Costs({}, COST_KINDS[kind], False, "")
    return costs.measured_costs(
        st.selectbox(
            tr("Conditions"),
            list(known),
            format_func=lambda c: tr("{device}, {type}, batch {n}", device=c[0], type=c[1], n=c[2]),
            key="atlas.conditions",
            label_visibility="collapsed",
        )
    )


def preset_table(found: dict[str, PublishedPoint], chosen: Costs) -> pd.DataFrame:
    """One row per preset that has both an accuracy and this cost."""
    return pd.DataFrame(
        [
            {"preset": name, "family": p.family, "cost": chosen.values[name], "accuracy": p.accuracy, "side": p.side, "weights": p.weights, "source": p.source}
            for name, p in found.items()
            if name in chosen.values
        ]
    )


def accuracy_chart(frame: pd.DataFrame, chosen: Costs, family: str, hits: Collection[str] | None, dark: bool) -> go.Figure:
    """One point a preset, coloured and shaped by its family's idea; the chosen family is joined and named, and so is the front."""
    made = go.Figure()
    best = front(frame, "cost", "accuracy", more_x=chosen.more)
    line = frame.loc[best]
    made.add_scatter(
        x=line["cost"],
        y=line["accuracy"],
        mode="lines",
        name=tr("Pareto front"),
        line={"width": 2, "dash": "dot", "color": palette.QUIET.on(dark)},
        hoverinfo="skip",
    )
    named = set(best) if not family else set(frame.index[frame["family"] == family])
    for idea in lineage.IDEAS:
        part = frame[[lineage.lane(f) == idea.name for f in frame["family"]]]
        if part.empty:
            continue
        lit = [(not family or f == family) and (hits is None or f in hits) for f in part["family"]]
        made.add_scatter(
            x=part["cost"], y=part["accuracy"], mode="markers+text", name=tr(idea.title), text=[p if i in named else "" for i, p in zip(part.index, part["preset"], strict=True)],
            textposition="top center", textfont={"size": 12}, cliponaxis=False,
            marker={"size": 11, "symbol": SYMBOLS[idea.name], "color": palette.idea_colour(idea.name, dark), "opacity": [0.95 if on else 0.16 for on in lit], "line": {"width": 1, "color": palette.GROUND.on(dark)}},
            customdata=[[r.preset, short(float(str(r.cost))), r.side, r.weights, r.source] for r in part.itertuples()],
            hovertemplate="<b>%{customdata[0]}</b> at %{customdata[2]} px<br>%{y:.2f} % · %{customdata[1]}<br>%{customdata[3]}<br>%{customdata[4]}<extra></extra>",
        )  # fmt: skip
    chain = frame[frame["family"] == family].sort_values("cost")
    if len(chain) > 1:
        colour = palette.idea_colour(lineage.lane(family), dark)
        made.add_scatter(x=chain["cost"], y=chain["accuracy"], mode="lines", name=_title(family), line={"width": 2, "color": colour}, hoverinfo="skip")
    made.update_xaxes(title=chosen.title, type="log", autorange="reversed" if chosen.more else True)
    made.update_yaxes(title=tr("ImageNet top-1 (%)"))
    return made.update_layout(hovermode="closest", clickmode="event+select")


def _title(family: str) -> str:
    return next(f.title for f in catalog.families() if f.name == family)


def _open(event: Any) -> None:
    points = (event.get("selection") or {}).get("points", []) if event is not None else []
    named = [p["customdata"][0] for p in points if p.get("customdata")]
    if len(named) == 1:
        open_link(links.explore_link(Choice(named[0])))
