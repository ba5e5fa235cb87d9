"""Charts on a page: one look, readable axes with units, the picture and the numbers to download."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from blocks.language import tr
from viz.kit import palette
from viz.kit.chart_words import chart_language
from viz.kit.naming import Of, dated, file_stem
from viz.kit.saving import csv_button

_FORMATS = ("svg", "png")
_LINE, _WRAP = 15, 60  # of the line that says what a chart is of: pixels a line, characters a line on a phone

_paper: ContextVar[bool] = ContextVar("paper", default=False)


@contextmanager
def paper() -> Iterator[None]:
    """What is drawn inside is for white paper, whatever the theme."""
    token = _paper.set(True)
    try:
        yield
    finally:
        _paper.reset(token)


def is_dark() -> bool:
    """Whether what is drawn now is for a dark ground."""
    return not _paper.get() and st.context.theme.type == "dark"


def styled(figure: go.Figure, height: int = 420, dark: bool | None = None) -> go.Figure:
    """``figure`` with the house's margins, type sizes, colours and ground, and a legend below that hides no data.

    Large numbers on the axes are written with k, M and G; a saved picture has the ground that the page has. Margins that the figure
    itself asks for stay.
    """
    dark = is_dark() if dark is None else dark
    ground, ink, line = palette.GROUND.on(dark), palette.INK.on(dark), palette.mix(palette.LINE.on(dark), palette.GROUND.on(dark), 0.35)
    own = figure.layout.margin
    figure.update_layout(
        height=height, margin={"l": own.l or 8, "r": own.r or 16, "t": own.t or (40 if figure.layout.title.text else 16), "b": own.b or 8}, font={"size": 14, "color": ink},
        legend={"orientation": "h", "yref": "container", "yanchor": "bottom", "y": 0, "x": 0, "font": {"size": 13}, "itemsizing": "constant"},
        hoverlabel={"font": {"size": 13}}, paper_bgcolor=ground, plot_bgcolor=ground, separators=". ",
        colorway=[c.on(dark) for c in palette.VARIANT_COLOURS],
    )  # fmt: skip
    figure.update_traces(
        cliponaxis=False, selector=lambda trace: "text" in (trace.mode or "") if trace.type == "scatter" else False
    )  # a name is never cut: assets/labels.js
    _mark_decades(figure)
    axis = {
        "automargin": True,
        "title_standoff": 14,
        "gridcolor": line,
        "zerolinecolor": line,
        "linecolor": line,
        "tickfont": {"color": palette.QUIET.on(dark)},
        "title_font": {"color": ink},
    }
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)
    for own in (*figure.select_xaxes(), *figure.select_yaxes()):
        own.exponentformat = own.exponentformat or "SI"
    return figure


def lettered(figure: go.Figure, size: int) -> go.Figure:
    """``figure`` with all its words in type of ``size`` pixels, those of axes and legend smaller in proportion; what says no size of its own Streamlit's theme makes 12."""
    figure.update_layout(font={"size": size}, legend={"font": {"size": round(0.72 * size)}})
    axis = {"tickfont": {"size": round(0.68 * size)}, "title_font": {"size": round(0.78 * size)}}
    return figure.update_xaxes(**axis).update_yaxes(**axis)


def _mark_decades(figure: go.Figure) -> None:
    """Ticks of logarithmic axes that have no marks of their own: each says its whole value, where Plotly would write the first digit of most alone."""
    for letter, axes in (("x", figure.select_xaxes()), ("y", figure.select_yaxes())):
        for axis in axes:
            if axis.type != "log" or axis.tickvals is not None or axis.tickformat:
                continue
            values = _positive(figure, letter, letter + axis.plotly_name.removeprefix(f"{letter}axis"))
            low, high = (min(values), max(values)) if values else (0.0, 0.0)
            if axis.exponentformat == "power" and high > 10 * low:
                axis.dtick = 1  # powers of ten alone
                continue
            axis.tickformat = "~s" if low >= 1 and high >= 1e4 else ".6~g"  # k, M and G as everywhere; of small numbers "s" would make 0.5 "500m"
            if letter == "x" and values:
                _mark_parts(axis, low, high)
            elif high > 10 * low:
                axis.dtick = "D2"  # 1, 2 and 5 of each decade; a shorter axis finds its own


def _mark_parts(axis: Any, low: float, high: float) -> None:
    """Ticks of a horizontal axis, as many as have room on a phone: 1, 2 and 5 of each decade, 1 and 3, or 1 alone; of a short axis five at equal steps."""
    if high <= 3 * low:
        axis.nticks = 5
    elif high <= 30 * low:
        axis.dtick = "D2"
    elif high <= 1000 * low:
        decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        axis.tickvals = [part * 10.0**decade for decade in decades for part in (1, 3)]
    else:
        axis.dtick = 1


def _positive(figure: go.Figure, letter: str, axis: str) -> list[float]:
    """The positive data along an axis, such as "y2"."""
    drawn = [trace for trace in figure.data if letter in trace and trace[letter] is not None and (trace[f"{letter}axis"] or letter) == axis]
    return [float(v) for trace in drawn for v in trace[letter] if isinstance(v, (int, float, np.number)) and v > 0]


def says(figure: go.Figure, of: Of, dark: bool | None = None) -> go.Figure:
    """``figure`` with a quiet line at its top that names the networks with their knobs, and the day, below its own title: a saved picture says what it is."""
    dark = is_dark() if dark is None else dark
    lines = [escape(line) for line in textwrap.wrap(dated(of), _WRAP)]
    own = figure.layout.title.text
    quiet = f'<span style="font-size:12px;color:{palette.QUIET.on(dark)}">{"<br>".join(lines)}</span>'
    top = (figure.layout.margin.t or 16) + _LINE * len(lines)
    text = f"{own}<br>{quiet}" if own else quiet
    title = {
        "text": text,
        "x": 0,
        "xref": "container",
        "xanchor": "left",
        "y": 1,
        "yref": "container",
        "yanchor": "top",
        "pad": {"t": 18 if "<br>" in text else 6, "l": 8},  # of several lines Plotly puts the first one's baseline here, else its top
    }
    return figure.update_layout(title=title, margin={"t": top})


def chart(
    figure: go.Figure,
    *,
    key: str,
    name: str,
    of: Of,
    frame: pd.DataFrame | None = None,
    heads: Mapping[str, str] | None = None,
    height: int = 420,
    **options: Any,
) -> object:
    """Show ``figure``, which is of the networks ``of``; its tool bar saves it as PNG or SVG, and ``frame`` is offered as CSV.

    Files are named after ``of``, ``name`` and the day. ``heads`` are column heads with units that :func:`viz.kit.saving.with_units` does not know.
    Further ``options`` go to st.plotly_chart.
    """
    with st.container(key=f"{key}-chart", gap="xxsmall"):
        chosen = st.session_state.get(f"{key}-form") or _FORMATS[0]
        picture = {"format": chosen, "filename": file_stem(of, name), "scale": 2 if chosen == "png" else 1}
        config = {"displaylogo": False, "toImageButtonOptions": picture, "modeBarButtonsToRemove": ["lasso2d"], "responsive": True} | chart_language()
        event = st.plotly_chart(says(styled(figure, height), of), key=key, config=config | options.pop("config", {}), **options)
        with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small"):
            st.caption(
                tr(":material/photo_camera: in the chart saves"),
                width="content",
                help=tr("The camera appears in the chart's tool bar when the pointer is over it."),
            )
            st.segmented_control(
                tr("Picture saved as"), _FORMATS, key=f"{key}-form", default=_FORMATS[0], format_func=str.upper, required=True, label_visibility="collapsed"
            )
            if frame is not None:
                csv_button(frame, of=of, what=name, key=f"{key}-csv", heads=heads)
    return event
