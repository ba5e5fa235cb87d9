"""Width, depth, resolution and compound on one chart: published accuracy against what it costs."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from blocks.language import tr
from blocks.space.published import ScalingSeries, scaling_series
from blocks.space.scaling import SCALED_DIMENSIONS
from viz.kit.charts import chart, is_dark
from viz.kit.choice import Choice
from viz.kit.figures import CHART_FIGURES
from viz.kit.published_counts import counted_points
from viz.scaling.compound import WAY_DASHES, WAY_MARKS, way_colour


def accuracy_view(key: str) -> None:
    """The chart, with a choice of cost and of ways."""
    left, right = st.columns(2)
    of = left.segmented_control(
        tr("Cost"),
        ["macs", "params"],
        format_func=lambda f: tr(CHART_FIGURES[f].label),
        default="macs",
        key=f"{key}.of",
        required=True,
        label_visibility="collapsed",
    )
    ways = right.pills(
        tr("Ways"), SCALED_DIMENSIONS, format_func=tr, selection_mode="multi", default=list(SCALED_DIMENSIONS), key=f"{key}.ways", label_visibility="collapsed"
    )
    counts = counted_points(wait=60.0)
    series = [s for s in scaling_series() if s.way in ways and all((p.preset, p.side) in counts for p in s.points)]
    rows = [
        {
            "way": s.way,
            "series": s.title,
            "preset": p.preset,
            "side": p.side,
            "top-1 (%)": p.accuracy,
            of: counts[p.preset, p.side][of],
            "weights": p.weights,
            "source": p.source,
        }
        for s in series
        for p in s.points
    ]
    chart(
        _figure(series, counts, of),
        key=f"{key}.chart",
        name=f"accuracy-against-{of}",
        of=[Choice(p.preset) for s in series for p in s.points],
        frame=pd.DataFrame(rows),
        height=520,
    )
    st.caption(
        tr(
            "A line joins networks that differ in one way alone, under one recipe where the source says so: the steeper, the more accuracy a MAC buys. "
            "Lines of different recipes must not be compared with each other: training accounts for several percent."
        )
    )


def _figure(series: list[ScalingSeries], counts: Mapping[tuple[str, int], Mapping[str, int]], of: str) -> go.Figure:
    dark, figure = is_dark(), CHART_FIGURES[of]
    made = go.Figure()
    named: set[str] = set()
    for s in series:
        costs = [counts[p.preset, p.side][of] for p in s.points]
        colour = way_colour(s.way, dark)
        made.add_scatter(x=[c * figure.scale for c in costs], y=[p.accuracy for p in s.points], mode="lines+markers", name=tr(s.way), legendgroup=s.way, showlegend=s.way not in named,
                         line={"width": 2, "dash": WAY_DASHES[s.way], "color": colour}, marker={"size": 10, "symbol": WAY_MARKS[s.way]},
                         customdata=[[p.preset, p.side, figure.form(c), p.weights, p.source] for p, c in zip(s.points, costs, strict=True)],
                         hovertemplate="<b>%{customdata[0]}</b> · %{customdata[1]} px<br>%{y:.2f} % top-1, %{customdata[2]}<br>%{customdata[3]}<br>%{customdata[4]}<extra>" + s.title + "</extra>")  # fmt: skip
        named.add(s.way)
    made.update_xaxes(title=figure.title, type="log")
    made.update_yaxes(title="ImageNet top-1 (%)")
    return made
