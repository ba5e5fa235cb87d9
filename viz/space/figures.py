"""The design space's pictures: the cost chart with front and budgets, parallel coordinates, the course of a search."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from blocks.language import tr, translatable
from viz.kit import palette
from viz.kit.chosen_device import estimate_interval
from viz.kit.figures import CHART_FIGURES

#: Up to here points are drawn as shapes, beyond as pixels by the graphics card, where there is one.
_SHARP = 2500


def _scatter(figure: go.Figure, n: int) -> Callable[..., go.Figure]:
    add: Callable[..., go.Figure] = figure.add_scatter if n <= _SHARP else figure.add_scattergl
    return add


def cost_scatter(
    frame: pd.DataFrame,
    x: str,
    y: str,
    front: Sequence[int],
    fits: pd.Series,
    published: pd.DataFrame,
    budgets: Mapping[str, float],
    labels: Mapping[str, str],
    dark: bool,
) -> go.Figure:
    """Every variant as a point, those beyond the budgets faint; the Pareto front as a line; the published networks as stars."""
    fx, fy = CHART_FIGURES[x], CHART_FIGURES[y]
    made = go.Figure()
    for keeps, name, opacity in ((False, tr("beyond the budgets"), 0.22), (True, tr("within the budgets") if budgets else tr("variants"), 0.75)):
        part = frame[fits == keeps]
        if len(part):
            _scatter(made, len(part))(x=part[x] * fx.scale, y=part[y] * fy.scale, mode="markers", name=name, customdata=[[int(i), _words(part.loc[i], labels)] for i in part.index],
                               marker={"size": 8, "opacity": opacity, "color": palette.variant_colour(0 if keeps else 7, dark), "symbol": "circle" if keeps else "circle-open"},
                               hovertemplate="%{customdata[1]}<extra></extra>")  # fmt: skip
    if front:
        line = frame.loc[list(front)]
        made.add_scatter(x=line[x] * fx.scale, y=line[y] * fy.scale, mode="lines+markers", name=tr("Pareto front"), customdata=[[int(i), _words(line.loc[i], labels)] for i in line.index],
                         line={"width": 2.5, "color": palette.variant_colour(1, dark), "shape": "hv"}, marker={"size": 10, "symbol": "diamond", "color": palette.variant_colour(1, dark)},
                         hovertemplate="%{customdata[1]}<extra>" + tr("front") + "</extra>")  # fmt: skip
    if not published.empty and {x, y} <= set(published.columns):
        made.add_scatter(x=published[x] * fx.scale, y=published[y] * fy.scale, mode="markers+text", text=published["preset"], textposition="top center", name=tr("published"), cliponaxis=False,
                         marker={"size": 14, "symbol": "star", "color": palette.INK.on(dark), "line": {"width": 1, "color": palette.GROUND.on(dark)}}, textfont={"size": 12},
                         customdata=[[-1, p] for p in published["preset"]], hovertemplate="%{text}<extra>" + tr("published") + "</extra>")  # fmt: skip
    for name, axis in ((x, "x"), (y, "y")):
        if name in budgets:
            _budget_line(made, axis, budgets[name] * CHART_FIGURES[name].scale, dark)
    made.update_xaxes(title=fx.title, type="log")
    made.update_yaxes(title=fy.title, type="log")
    return made.update_layout(dragmode="select", hovermode="closest", clickmode="event+select")


def _budget_line(made: go.Figure, axis: str, most: float, dark: bool) -> None:
    """A budget as a line across; its word is placed by itself, for a word on a logarithmic axis stands at the logarithm."""
    if most <= 0:
        return
    draw = made.add_vline if axis == "x" else made.add_hline
    draw(most, line={"width": 2, "dash": "dash", "color": palette.CHANGED.on(dark)})
    along = {"x": math.log10(most), "y": 1, "yref": "y domain", "xanchor": "left", "yanchor": "top"} if axis == "x" else {
        "x": 1, "xref": "x domain", "y": math.log10(most), "xanchor": "right", "yanchor": "bottom"}  # fmt: skip
    made.add_annotation(text=tr("budget"), showarrow=False, **along)


def _words(row: pd.Series, labels: Mapping[str, str]) -> str:
    knobs = [f"{label} {_value(row[name])}" for name, label in labels.items() if name in row]
    figures = [f"{tr(CHART_FIGURES[f].label)} {CHART_FIGURES[f].form(row[f])}" for f in CHART_FIGURES if f in row and pd.notna(row[f])]
    if "device_low" in row and pd.notna(row["device_low"]):
        figures.append(estimate_interval(1e3 * row["device_low"], 1e3 * row["device_high"]))
    return "<br>".join([*knobs, *figures])


def _value(value: object) -> str:
    if isinstance(value, (tuple, list)):
        return ",".join(map(str, value))
    return f"{value:g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


_BRIEF = {"bytes_moved": translatable("Bytes"), "peak_memory": translatable("Peak"), "latency": translatable("Latency"), "device_time": translatable("Time")}


def parallel(frame: pd.DataFrame, labels: Mapping[str, str], figures: Sequence[str], colour: str, dark: bool) -> go.Figure:
    """Every variant as a line across its knobs and figures, coloured by one figure; a range drawn on an axis filters."""
    dimensions: list[dict[str, object]] = []
    for name, label in labels.items():
        dimensions += _dimension(frame[name], label)
    for name in figures:
        figure = CHART_FIGURES[name]
        scale, letter = (1e-9, "G") if frame[name].max() >= 1e10 else (1e-6, "M")
        counts = figure.scale == 1
        dimensions.append(
            {
                "label": f"{tr(figure.label)} ({letter})" if counts else f"{tr(_BRIEF[name])} ({figure.unit})",
                "values": frame[name] * (scale if counts else figure.scale),
            }
        )
    stops = palette.RAMP[dark]
    return go.Figure(
        go.Parcoords(
            line={"color": frame[colour], "colorscale": [[i / (len(stops) - 1), c] for i, c in enumerate(stops)], "showscale": False},
            dimensions=dimensions, labelfont={"size": 13}, tickfont={"size": 12, "color": palette.QUIET.on(dark)}, rangefont={"size": 1, "color": "rgba(0,0,0,0)"},
            unselected={"line": {"opacity": 0.06}},
        ),
        layout={"margin": {"l": 64, "r": 64, "t": 56, "b": 24}},
    )  # fmt: skip


def _dimension(values: pd.Series, label: str) -> list[dict[str, object]]:
    first = values.iloc[0]
    if isinstance(first, (tuple, list)):
        return [{"label": f"{label} {i + 1}", "values": [v[i] for v in values]} for i in range(len(first))]
    if isinstance(first, (bool, str)):
        known = sorted(values.unique(), key=str)
        return [{"label": label, "values": [known.index(v) for v in values], "tickvals": list(range(len(known))), "ticktext": [str(k) for k in known]}]
    return [{"label": label, "values": values}]


def search_course(frame: pd.DataFrame, figure: str, dark: bool) -> go.Figure:
    """What a search tried, and the best so far."""
    chosen = CHART_FIGURES[figure]
    made = go.Figure()
    for fits, name, symbol in ((False, tr("beyond the budgets"), "circle-open"), (True, tr("within the budgets"), "circle")):
        part = frame[frame["fits"] == fits]
        made.add_scatter(x=part.index + 1, y=part[figure] * chosen.scale, mode="markers", name=name, marker={"size": 7, "symbol": symbol, "color": palette.variant_colour(0 if fits else 7, dark)},
                         hovertemplate=tr("trial %{x}: %{y:.4~s}") + "<extra></extra>")  # fmt: skip
    made.add_scatter(
        x=frame.index + 1,
        y=frame["best_so_far"] * chosen.scale,
        mode="lines",
        name=tr("best so far"),
        line={"width": 3, "shape": "hv", "color": palette.variant_colour(1, dark)},
    )
    made.update_xaxes(title=tr("Trial"))
    made.update_yaxes(title=chosen.title)
    return made
