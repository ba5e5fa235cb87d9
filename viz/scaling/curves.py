"""Curves and contours of a figure over one or two knobs, with the published networks that lie on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from blocks import catalog
from blocks.formulas.latex import letter
from blocks.language import tr
from blocks.space.axes import INPUT_SIDE, DesignAxis
from viz.kit import palette
from viz.kit.figures import Figure


def axis_title(axis: DesignAxis) -> str:
    """A knob's words with its letter, and pixels where it is a resolution."""
    symbol = _GREEK.get(axis.symbol, axis.symbol)
    unit = tr(" (pixels)") if axis.name == INPUT_SIDE and axis.label == "Resolution" else ""
    label = tr(axis.label)
    return f"{label} {symbol}{unit}" if len(symbol) <= 3 else f"{label}{unit}"


_GREEK = {"alpha": "α", "gamma": "γ", "delta": "δ", "theta": "θ", "sigma": "σ", "epsilon": "ε"}


def curve(frame: pd.DataFrame, along: DesignAxis, figure: Figure, here: Any, presets: Mapping[str, tuple[float, float]], *, log: bool, dark: bool) -> go.Figure:
    """One line; ``here`` is where the network stands now, ``presets`` are published networks on the line, as (knob, figure)."""
    made = go.Figure()
    y = frame[figure.name] * figure.scale
    made.add_scatter(x=frame[along.name], y=y, mode="lines", line={"width": 3, "color": palette.variant_colour(0, dark)}, name=tr(figure.label),
                     customdata=[figure.form(v) for v in frame[figure.name]], hovertemplate=f"{tr(along.label)} %{{x}}<br>{tr(figure.label)} %{{customdata}}<extra></extra>")  # fmt: skip
    if presets:
        made.add_scatter(x=[p[0] for p in presets.values()], y=[p[1] * figure.scale for p in presets.values()], mode="markers+text", text=list(presets),
                         textposition="top left", name=tr("published networks"), cliponaxis=False, marker={"size": 11, "symbol": "diamond", "color": palette.variant_colour(1, dark)},
                         hovertemplate="%{text}<br>%{y:,.4~g} " + figure.unit + "<extra></extra>")  # fmt: skip
    nearest = frame.iloc[(frame[along.name] - here).abs().argsort()[:1]] if len(frame) and here is not None else frame.iloc[:0]
    if len(nearest):
        made.add_vline(x=here, line={"width": 1, "dash": "dot", "color": palette.QUIET.on(dark)})
    made.update_xaxes(title=axis_title(along), type="log" if log else "linear")
    made.update_yaxes(title=figure.title, type="log" if log else "linear", rangemode="normal" if log else "tozero")
    return made.update_layout(showlegend=bool(presets), hovermode="closest")


def curves(frame: pd.DataFrame, along: DesignAxis, across: DesignAxis, figure: Figure, *, log: bool, dark: bool) -> go.Figure:
    """A line for each value of the second knob, darker as it grows."""
    made = go.Figure()
    rows = sorted(frame[across.name].unique())
    for i, value in enumerate(rows):
        part = frame[frame[across.name] == value].sort_values(along.name)
        colour = palette.ramp(0.25 + 0.7 * i / max(1, len(rows) - 1), dark)
        made.add_scatter(x=part[along.name], y=part[figure.name] * figure.scale, mode="lines", line={"width": 2.5, "color": colour}, name=f"{value:.3g}",
                         customdata=[figure.form(v) for v in part[figure.name]],
                         hovertemplate=f"{tr(along.label)} %{{x}}, {tr(across.label)} {value:g}<br>{tr(figure.label)} %{{customdata}}<extra></extra>")  # fmt: skip
    made.update_xaxes(title=axis_title(along), type="log" if log else "linear")
    made.update_yaxes(title=figure.title, type="log" if log else "linear", rangemode="normal" if log else "tozero")
    return made.update_layout(legend={"title": {"text": axis_title(across)}}, hovermode="closest")


def contour(frame: pd.DataFrame, along: DesignAxis, across: DesignAxis, figure: Figure, here: tuple[object, object], *, log: bool, dark: bool) -> go.Figure:
    """Lines of equal figure over both knobs."""
    table = frame.pivot_table(index=across.name, columns=along.name, values=figure.name, aggfunc="first") * figure.scale
    stops = palette.RAMP[dark]
    made = go.Figure(
        go.Contour(
            x=list(table.columns),
            y=list(table.index),
            z=table.to_numpy(),
            colorscale=[[i / (len(stops) - 1), c] for i, c in enumerate(stops)],
            contours={"showlabels": True, "labelfont": {"size": 12, "color": palette.INK.on(dark)}},
            colorbar={"title": {"text": figure.unit, "side": "top"}, "thickness": 14},
            hovertemplate=f"{along.label} %{{x}}<br>{across.label} %{{y}}<br>{tr(figure.label)} %{{z:,.4~g}} {figure.unit}<extra></extra>",
        )
    )
    if all(v is not None for v in here):
        made.add_scatter(x=[here[0]], y=[here[1]], mode="markers", marker={"size": 14, "symbol": "x-thin", "line": {"width": 3, "color": palette.INK.on(dark)}},
                         hovertemplate=tr("as chosen") + "<extra></extra>", showlegend=False)  # fmt: skip
    made.update_xaxes(title=axis_title(along), type="log" if log else "linear")
    made.update_yaxes(title=axis_title(across), type="log" if log else "linear")
    return made


def measured_curve(frame: pd.DataFrame, along: DesignAxis, dark: bool) -> go.Figure:
    """Measured medians over the knob with their 95 % intervals, open dots where the median had not converged; columns as :attr:`viz.kit.measuring.PointsTask.partial` has them."""
    frame = frame.sort_values("point")
    above, below = (frame["high"] - frame["median"]).fillna(0), (frame["median"] - frame["low"]).fillna(0)
    wide = ~frame["converged"].astype(bool)
    made = go.Figure()
    made.add_scatter(x=frame["point"], y=frame["median"], mode="lines+markers", line={"width": 2, "color": palette.variant_colour(2, dark)},
                     marker={"size": 9, "symbol": wide.map({True: "circle-open", False: "circle"})}, text=wide.map({True: tr(", not converged"), False: ""}),
                     error_y={"type": "data", "array": above, "arrayminus": below, "thickness": 1.5, "width": 5}, customdata=frame["n"],
                     hovertemplate=f"{tr(along.label)} %{{x}}<br>%{{y:.4g}} ms, n = %{{customdata}}%{{text}}<extra></extra>")  # fmt: skip
    made.update_xaxes(title=axis_title(along))
    made.update_yaxes(title=tr("Measured latency (ms)"), rangemode="tozero")
    return made


def presets_on(name: str, knobs: Mapping[str, object], along: DesignAxis) -> dict[str, Any]:
    """Published networks of this class that differ from ``name`` (with ``knobs``) in the one axis alone: preset -> its value."""
    base = catalog.entry(name)
    own = catalog.settings(name, **knobs)
    found = {}
    for other in catalog.names(kind="model", family=base.family.name):
        entry = catalog.entry(other)
        theirs = {k.name: k.default for k in entry.knobs}
        if entry.cls is not base.cls or any(theirs[k] != own[k] for k in theirs if k != along.name and not k.startswith("drop")):
            continue
        same_side = entry.input == base.input
        if along.name == INPUT_SIDE:
            found[other] = entry.input[-1]
        elif same_side:
            found[other] = theirs[along.name]
    return {k: v for k, v in found.items() if isinstance(v, (int, float))}


def law_letter(axis: DesignAxis) -> str:
    """The knob as LaTeX writes it."""
    return letter(axis.symbol)
