"""The Devices page's pictures: accuracy against time on one device, and FLOPs against time on all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from blocks.language import tr, translatable
from blocks.latency.devices.estimator import DeviceEstimate
from blocks.latency.devices.words import in_ms
from blocks.space.choose import front
from viz.kit import palette

#: What a time is: its words, its mark and its colour's number. Each differs in shape, not in colour alone.
BASES = {
    "published": (translatable("published"), "diamond", 1),
    "given": (translatable("timed by you"), "star", 2),
    "estimated": (translatable("estimated, 90 % interval"), "circle-open", 0),
}
_NAMED = 8  # of the front's networks, at most


def accuracy_time(frame: pd.DataFrame, own: DeviceEstimate | None, title: str, dark: bool) -> go.Figure:
    """Top-1 against time, a point a preset by what its time is; the front as a line; the network of the page, ``title``, as a band."""
    shown = frame.dropna(subset="accuracy").reset_index(drop=True)
    made = go.Figure()
    best = front(shown, "ms", "accuracy")
    if best:
        line = shown.loc[best]
        made.add_scatter(x=line["ms"], y=line["accuracy"], mode="lines", name=tr("front"), line={"width": 2, "shape": "hv", "color": palette.QUIET.on(dark)}, hoverinfo="skip")  # fmt: skip
    for basis, (words, symbol, place) in BASES.items():
        part = shown[shown["basis"] == basis]
        if len(part):
            _points(made, part, tr(words), symbol, palette.variant_colour(place, dark), spread=basis == "estimated")
    if best:
        _names(made, shown.loc[best])
    if own is not None and len(shown):
        _band(made, own, title, float(shown["accuracy"].min()), float(shown["accuracy"].max()), dark)
    made.update_xaxes(title=tr("Time of one picture (ms)"), type="log")
    made.update_yaxes(title="ImageNet top-1 (%)")
    return made


def _points(made: go.Figure, part: pd.DataFrame, name: str, symbol: str, colour: str, *, spread: bool) -> None:
    words = [_words(row) for row in part.to_dict("records")]
    error = {"type": "data", "symmetric": False, "array": part["high"] - part["ms"], "arrayminus": part["ms"] - part["low"], "thickness": 1, "width": 0}
    error["color"] = f"rgba({','.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))},.35)"
    made.add_scatter(
        x=part["ms"], y=part["accuracy"], mode="markers", name=name, marker={"size": 10, "symbol": symbol, "color": colour, "line": {"width": 1.5, "color": colour}},
        error_x=error if spread else None, customdata=words, hovertemplate="%{customdata}<extra>" + name + "</extra>",
    )  # fmt: skip


def _words(row: Mapping[Any, Any]) -> str:
    time = f"≈ {in_ms(row['ms'], 3)} ms ({in_ms(row['low'], 3)} – {in_ms(row['high'], 3)})" if row["basis"] == "estimated" else f"{in_ms(row['ms'])} ms"
    return f"<b>{row['preset']}</b> · {row['side']} px<br>{time}<br>{row['accuracy']:.2f} % top-1<br>{row['weights']}, {row['source']}"


def _names(made: go.Figure, line: pd.DataFrame) -> None:
    """Names of networks along the front, so many that they stand apart."""
    places = np.unique(np.linspace(0, len(line) - 1, min(_NAMED, len(line))).round().astype(int))
    named = line.iloc[places]
    made.add_scatter(x=named["ms"], y=named["accuracy"], mode="text", text=named["preset"], textposition="top left", textfont={"size": 12}, showlegend=False, hoverinfo="skip")  # fmt: skip


def _band(made: go.Figure, own: DeviceEstimate, title: str, low: float, high: float, dark: bool) -> None:
    """The network of the page: its time as a line over the chart's height, and the interval of an estimate as a band."""
    colour = palette.ACCENT.on(dark)
    if own.basis == "estimated":
        made.add_vrect(x0=own.low, x1=own.high, fillcolor=colour, opacity=0.12, line_width=0, layer="below")
    words = tr(BASES[own.basis][0])
    made.add_scatter(
        x=[own.ms, own.ms], y=[low, high], mode="lines", name=title, line={"width": 2, "dash": "dash", "color": colour},
        hovertemplate=f"<b>{title}</b><br>%{{x:.4g}} ms<extra>{words}</extra>",
    )  # fmt: skip
