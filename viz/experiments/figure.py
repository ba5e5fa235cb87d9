"""What the experiments' pictures share: a chart in the step's size, and pictures in a row."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots
from torch import Tensor

from blocks.experiments import pictures
from viz.kit import charts, palette
from viz.kit.screen import Screen


def colour(index: int) -> str:
    """The colour of variant ``index`` on the page's background."""
    return palette.variant_colour(index, charts.is_dark())


def show_figure(figure: go.Figure, screen: Screen, key: str, *, share: float = 0.72, legend: dict[str, Any] | None = None) -> None:
    """``figure`` in ``share`` of the step's height, its ``legend`` below unless said otherwise; for paper without anything to press."""
    height = 340 if screen.still else max(190, round(screen.height * share))
    figure = charts.styled(figure, height)
    figure = charts.lettered(figure.update_layout(legend=legend or {}), screen.ink)
    if figure.layout.annotations:  # titles of panes
        figure.update_layout(margin={"t": 2 * screen.ink + 4})
        figure.update_annotations(font={"size": screen.ink})
    st.plotly_chart(figure, key=key, config={"displayModeBar": False, "staticPlot": screen.still})


def lines(series: dict[str, list[float]], *, x: list[float] | None = None, first: int = 0, dashed: bool = False) -> list[go.Scatter]:
    """A line for each named list of values."""
    return [
        go.Scatter(
            x=x or list(range(len(values))), y=values, name=name, mode="lines", line={"color": colour(i), "width": 3, "dash": "dot" if dashed else "solid"}
        )
        for i, (name, values) in enumerate(series.items(), first)
    ]  # fmt: skip


# --- Pictures and maps ---------------------------------------------------------------------------


def heat_scale() -> list[list[Any]]:
    """The house's colour scale from nothing to most, for a heat map."""
    return [[i / 20, palette.ramp(i / 20, charts.is_dark())] for i in range(21)]


def diverging() -> list[list[Any]]:
    """A colour scale from negative over nothing to positive."""
    dark = charts.is_dark()
    return [[0.0, palette.variant_colour(0, dark)], [0.5, palette.GROUND.on(dark)], [1.0, palette.variant_colour(1, dark)]]


def image(pixels: Tensor) -> go.Image:
    """A picture (3, H, W), each pixel one unit of the axes."""
    source = "data:image/png;base64," + base64.b64encode(pictures.png(pixels)).decode()
    return go.Image(source=source, hoverinfo="skip")


def heat(values: Tensor, scale: list[list[Any]] | None = None, **options: Any) -> go.Heatmap:
    """A matrix (H, W) as coloured cells, first row on top."""
    return go.Heatmap(z=values.tolist(), colorscale=scale or heat_scale(), showscale=False, **options)


def panes(titles: Sequence[str], *, rows: int = 1, columns: int | None = None, gap: float = 0.04, **options: Any) -> go.Figure:
    """A grid of panes for pictures: square cells, no ticks, a title above each."""
    columns = columns or -(-len(titles) // rows)
    made = make_subplots(rows, columns, subplot_titles=list(titles), horizontal_spacing=gap, vertical_spacing=0.16 if rows > 1 else 0, **options)
    for k in range(1, rows * columns + 1):
        bare(made, (k - 1) // columns + 1, (k - 1) % columns + 1)
    return made


def bare(figure: go.Figure, row: int, col: int) -> None:
    """Make one pane fit for pictures: no ticks, square pixels, the first row on top."""
    figure.update_xaxes(showgrid=False, showline=False, showticklabels=False, ticks="", zeroline=False, constrain="domain", row=row, col=col)
    axis = next(figure.select_yaxes(row=row, col=col))
    axis.update(
        showgrid=False, showline=False, showticklabels=False, ticks="", zeroline=False, autorange="reversed", constrain="domain", scaleanchor=axis.anchor
    )


def square_outline(figure: go.Figure, row: int, col: int, left: float, top: float, size: float, colour: str, **line: Any) -> None:
    """A square outline around pixels ``left`` ... ``left + size - 1``, in the axes of a pane."""
    figure.add_shape(
        type="rect", x0=left - 0.5, x1=left + size - 0.5, y0=top - 0.5, y1=top + size - 0.5, line={"color": colour, "width": 2.5, **line}, row=row, col=col
    )  # fmt: skip
