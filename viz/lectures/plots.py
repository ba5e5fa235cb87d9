"""A step's charts: bars of networks, a sweep over one knob, one figure against another."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from blocks import catalog, reference
from blocks.analysis import Analysis
from blocks.language import language, tr
from viz.kit import charts, palette
from viz.kit.choice import analysed
from viz.kit.figures import QUANTITIES
from viz.kit.numbers import all_digits
from viz.kit.screen import Screen
from viz.lectures import dials
from viz.lectures.source import ViewOptions
from viz.lectures.targets import targets
from viz.lectures.views import recipes_note, view_column

_NAMED = 2  # networks that a title names


def plot(options: ViewOptions, screen: Screen) -> None:
    """Bars of networks, a sweep over one knob, or one count against another."""
    kind = options.get("kind", "sweep" if "turn" in options else "bars")
    made, frame = {"bars": _bars, "sweep": _sweep, "scatter": _scatter}[kind](options, screen)
    st.markdown(f"**{chart_title(options)}**")
    made.update_layout(font={"size": screen.ink})
    height = screen.pixels(options)
    key = screen.place("chart", options)
    if screen.still:
        st.plotly_chart(charts.styled(made, 360), key=key + ".still", config={"staticPlot": True})
    elif screen.large:
        made = charts.lettered(charts.styled(made, height), screen.ink)
        st.plotly_chart(made, key=key + ".large", config={"displayModeBar": False})
    else:
        networks = [t.at(screen.turned) for t in targets(options["names"])]
        charts.chart(made, key=key, name=f"lecture-{options['of']}", of=networks, frame=frame, height=height)
    shows_accuracy = kind == "scatter" and "accuracy" in (options["of"], options.get("against"))
    if shows_accuracy and (said := recipes_note([t.choice.name for t in targets(options["names"])])):
        st.caption(said)


def chart_title(options: ViewOptions) -> str:
    """What a chart shows: the figure, what it is drawn against, and the networks where they are few."""
    colon, comma = ("：", "、") if language() == "zh" else (": ", ", ")
    figures = comma.join(view_column(of.strip()) for of in options["of"].split(","))
    networks = [t.title for t in targets(options["names"])]
    of = colon + comma.join(networks) if len(networks) <= _NAMED else ""
    if "turn" in options:
        return tr("{figures} by {other}{of}", figures=_set_off(figures), other=_set_off(_within(sweep_title(options))), of=of)
    if options.get("kind") == "scatter":
        return tr("{figures} against {other}{of}", figures=_set_off(figures), other=view_column(options.get("against", "macs")), of=of)
    return figures + of


def _set_off(text: str) -> str:
    """``text`` for the middle of a sentence: a Latin bracket at its end is set off from the Chinese that follows."""
    return f"{text} " if language() == "zh" and text.endswith(")") else text


def swept_values(options: ViewOptions) -> list[Any]:
    """The values that a sweep turns its knob through. Raises KnobError for one that the knob cannot take."""
    first = targets(options["names"])[0].choice.name
    if options["turn"] in ("side", "batch"):
        return [int(part) for part in options["values"].split(",")]
    knob = next((k for k in catalog.knobs(first) if k.name == options["turn"]), None)
    if knob is None:
        catalog.settings(first, **{options["turn"]: None})
    assert knob is not None
    separator = ";" if knob.kind == "ints" else ","
    return [knob.parse(part) for part in options["values"].split(separator)]


def sweep_points(options: ViewOptions, screen: Screen) -> pd.DataFrame:
    """A row per network and value: network, value, count."""
    of, turn = options["of"], options["turn"]
    rows = []
    for t in targets(options["names"]):
        base = t.at(screen.turned)
        for value in swept_values(options):
            chosen = replace(base, **{turn: value}) if turn in ("side", "batch") else replace(base, knobs={**base.knobs, turn: value})
            rows.append({"network": t.title, turn: value, of: QUANTITIES[of].of(analysed(chosen))})
    return pd.DataFrame(rows)


def _sweep(options: ViewOptions, screen: Screen) -> tuple[go.Figure, pd.DataFrame]:
    frame = sweep_points(options, screen)
    of, turn = options["of"], options["turn"]
    axis = sweep_title(options)
    made = go.Figure()
    for i, (name, part) in enumerate(frame.groupby("network", sort=False)):
        words = [f"{name}<br>{axis} = {x}<br>{all_digits(y)}" for x, y in zip(part[turn], part[of], strict=True)]
        x = [str(v) for v in part[turn]] if not all(isinstance(v, (int, float)) for v in part[turn]) else list(part[turn])
        made.add_scatter(
            x=x, y=part[of], name=str(name), mode="lines+markers", text=words, hovertemplate="%{text}<extra></extra>",
            line={"color": palette.variant_colour(i, charts.is_dark()), "width": 3}, marker={"size": 9},
        )  # fmt: skip
    made.update_xaxes(title=axis, type=options.get("x", "linear") if options.get("x") in ("log", "linear") else None)
    if options.get("x") == "log":
        made.update_xaxes(tickvals=swept_values(options))  # the values themselves: a logarithmic axis' own marks say 2, 5, 10, 2, 5
    made.update_yaxes(title=view_column(of), type=options.get("y", "linear"), rangemode="tozero", exponentformat="SI")
    made.update_layout(showlegend=frame["network"].nunique() > 1)
    return made, frame


def sweep_title(options: ViewOptions) -> str:
    """What the swept knob is called, with its symbol where that is one letter."""
    first, turn = targets(options["names"])[0].choice.name, options["turn"]
    knob = next(k for k in dials.every(first) if k.name == turn)
    label = tr(knob.label)
    return f"{label} ({knob.symbol})" if len(knob.symbol) == 1 and not label.endswith(f" {knob.symbol}") else label


def _within(title: str) -> str:
    """A title within a sentence: its first letter small, unless it is a symbol or an abbreviation."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def _bars(options: ViewOptions, screen: Screen) -> tuple[go.Figure, pd.DataFrame]:
    rows = [(t.title, t.analysis(screen.turned)) for t in targets(options["names"])]
    quantities = [part.strip() for part in options["of"].split(",")]
    frame = pd.DataFrame([{"network": name, **{q: QUANTITIES[q].of(a) for q in quantities}} for name, a in rows])
    made = go.Figure()
    for i, quantity in enumerate(quantities):
        most = max(frame[quantity]) or 1
        shown = frame[quantity] / most * 100 if len(quantities) > 1 else frame[quantity]
        texts = [QUANTITIES[quantity].form(v) for v in frame[quantity]]
        made.add_bar(
            x=frame["network"], y=shown, name=view_column(quantity), text=texts, textposition="outside", cliponaxis=False,
            marker_color=palette.variant_colour(i, charts.is_dark()), hovertext=[all_digits(v) for v in frame[quantity]], hoverinfo="x+text",
        )  # fmt: skip
    made.update_yaxes(title=tr("% of the largest") if len(quantities) > 1 else view_column(quantities[0]), rangemode="tozero", exponentformat="SI")
    made.update_layout(barmode="group", showlegend=len(quantities) > 1)
    return made, frame


def _scatter(options: ViewOptions, screen: Screen) -> tuple[go.Figure, pd.DataFrame]:
    across = options.get("against", "macs")
    rows = [(t.title, t.analysis(screen.turned)) for t in targets(options["names"])]
    frame = pd.DataFrame([{"network": name, across: _value(across, a), options["of"]: _value(options["of"], a)} for name, a in rows]).dropna()
    made = go.Figure(
        go.Scatter(
            x=frame[across], y=frame[options["of"]], text=frame["network"], mode="markers+text", textposition=_beside(frame[across], frame[options["of"]], options.get("x") == "log"),
            marker={"size": 12, "color": palette.variant_colour(0, charts.is_dark())}, cliponaxis=False,
        )
    )  # fmt: skip
    made.update_xaxes(title=view_column(across), type=options.get("x", "linear"), exponentformat="SI")
    made.update_yaxes(title=view_column(options["of"]), type=options.get("y", "linear"), exponentformat="SI")
    return made, frame


def _beside(across: pd.Series, up: pd.Series, log: bool) -> list[str]:
    """Where the names of points stand: above, at either end towards the middle so that none is cut off, and below where another point is in the way."""
    x, y = _shares([math.log(v) if log else v for v in across]), _shares(list(up))
    found = []
    for i, share in enumerate(x):
        side = "right" if share < 0.15 else "left" if share > 0.85 else "center"
        near = (0.0, 0.25) if side == "right" else (-0.25, 0.0) if side == "left" else (-0.12, 0.12)
        blocked = any(k != i and near[0] <= x[k] - share <= near[1] and 0 <= y[k] - y[i] < 0.12 for k in range(len(x)))
        found.append(f"{'bottom' if blocked else 'top'} {side}")
    return found


def _shares(values: list[float]) -> list[float]:
    low, span = min(values, default=0.0), (max(values, default=0.0) - min(values, default=0.0)) or 1.0
    return [(v - low) / span for v in values]


def _value(quantity: str, analysis: Analysis) -> float:
    if quantity == "accuracy":
        found = reference.accuracy(analysis.name)
        top = found[found["metric"] == "acc@1"]["value"]
        return float(top.iloc[0]) if len(top) else float("nan")
    return float(QUANTITIES[quantity].of(analysis))
