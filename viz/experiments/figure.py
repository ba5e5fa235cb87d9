"""What the experiments' pictures share: a chart in the step's size, and pictures in a row."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from viz import charts, palette
from viz.lectures.screen import Screen


def colour(index: int) -> str:
    """The colour of variant ``index`` on the person's ground."""
    return palette.variant_colour(index, charts.is_dark())


def show(figure: go.Figure, screen: Screen, key: str, *, share: float = 0.72) -> None:
    """``figure`` in ``share`` of the step's height; for paper without anything to press."""
    height = 340 if screen.still else max(240, round(screen.height * share))
    figure = charts.styled(figure, height)
    figure.update_layout(font={"size": screen.ink}, legend={"y": -0.22})
    st.plotly_chart(figure, key=key, config={"displayModeBar": False, "staticPlot": screen.still})


def lines(series: dict[str, list[float]], *, x: list[float] | None = None, first: int = 0, dashed: bool = False) -> list[go.Scatter]:
    """A line for each named list of values."""
    return [
        go.Scatter(
            x=x or list(range(len(values))), y=values, name=name, mode="lines", line={"color": colour(i), "width": 3, "dash": "dot" if dashed else "solid"}
        )
        for i, (name, values) in enumerate(series.items(), first)
    ]  # fmt: skip
