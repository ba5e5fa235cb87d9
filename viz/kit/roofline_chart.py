"""The roofline chart: operations and whole networks as dots under the roofs of machines, both axes logarithmic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from blocks.analysis import Analysis
from blocks.language import tr, trn
from blocks.latency.roofline.chart_data import network_point, roof_line, roofline_table
from blocks.latency.roofline.machines import Machine
from viz.kit.numbers import all_digits, memory, short
from viz.kit.palette import GROUND, INK, QUIET, kind_colour, mix, variant_colour

_DASHES = ("dash", "dot", "dashdot", "longdash", "longdashdot")


def roofline_figure(
    networks: Sequence[tuple[Analysis, str]],
    machines: Sequence[Machine],
    *,
    dark: bool = False,
    times: Sequence[Mapping[int, float] | None] = (),
    dtype: str | None = None,
    colours: Sequence[int] = (),
) -> go.Figure:
    """Dots of ``networks`` (analysis, name) on the first of ``machines``; the others are drawn as roofs to compare with.

    One network is coloured by kind of operation, several by variant (``colours``: their numbers in the palette). ``times`` are measured
    seconds by node, a mapping per network; without them dots stand where the estimate puts them. A dot's area is its share of the time; a
    diamond is a whole network. Raises :class:`~blocks.knobs.KnobError` where the first machine has no figure for the dtype.
    """
    figure = go.Figure()
    given = [*times, *[None] * (len(networks) - len(times))]
    tables = [roofline_table(analysis, machines[0], measured, dtype) for (analysis, _), measured in zip(networks, given, strict=True)]
    low, high = _span(tables)
    for i, machine in enumerate(machines):
        _roof(figure, machine, _dtype_for(machine, dtype or networks[0][0].dtype), low, high, dark, i)
    places = list(colours) or list(range(len(networks)))
    for (_, name), table, place in zip(networks, tables, places, strict=True):
        drawn = table[table["flops"] > 0]
        if len(networks) == 1:
            for kind, part in drawn.groupby("kind", sort=False):
                _dots(figure, part, table["seconds"].sum(), tr(str(kind)), kind_colour(str(kind), dark), dark)
        else:
            _dots(figure, drawn, table["seconds"].sum(), name, variant_colour(place, dark), dark)
        _whole(figure, network_point(table), name, INK.on(dark) if len(networks) == 1 else variant_colour(place, dark), dark)
    ticks = [t for t in (0.001, 0.01, 0.1, 1, 10, 100, 1000, 10000) if low <= t <= high]
    figure.update_xaxes(
        type="log", title=tr("arithmetic intensity (FLOPs per byte)"), range=[np.log10(low), np.log10(high)], tickvals=ticks, ticktext=[f"{t:g}" for t in ticks]
    )
    figure.update_yaxes(type="log", title=tr("speed (FLOPs per second)"), tickformat="~s", dtick=1)
    figure.update_layout(hovermode="closest", legend={"itemsizing": "constant"})
    return figure


def without_arithmetic(table: pd.DataFrame) -> str:
    """A sentence on the operations that a logarithmic axis cannot show: those without arithmetic; "" where there are none."""
    none = table[table["flops"] == 0]
    if none.empty:
        return ""
    share = none["seconds"].sum() / table["seconds"].sum()
    return trn(
        "{n} operation without arithmetic (copies, concatenations) has no place here and takes {share} % of the time.",
        "{n} operations without arithmetic (copies, concatenations) have no place here and take {share} % of the time.",
        len(none),
        share=f"{100 * share:.2g}",
    )


def _dtype_for(machine: Machine, dtype: str) -> str:
    """The dtype itself, or what the machine has in its place: a roof to compare with is drawn in any case."""
    return dtype if dtype in machine.peaks else "float16" if "float16" in machine.peaks and dtype == "bfloat16" else "float32"


def _span(tables: Sequence[pd.DataFrame]) -> tuple[float, float]:
    values = np.concatenate([t.loc[t["flops"] > 0, "intensity"].replace(np.inf, np.nan).dropna().to_numpy(float) for t in tables])
    low, high = (values.min(), values.max()) if len(values) else (0.1, 100.0)
    return float(min(low / 2, 0.1)), float(max(high * 3, 300.0))


def _roof(figure: go.Figure, machine: Machine, dtype: str, low: float, high: float, dark: bool, place: int) -> None:
    line = roof_line(machine, dtype, low, high)
    first = place == 0
    look = {
        "color": INK.on(dark) if first else QUIET.on(dark),
        "width": 2.5 if first else 1.3,
        "dash": "solid" if first else _DASHES[(place - 1) % len(_DASHES)],
    }
    says = tr(
        "{machine}<br>{peak} in {type}<br>{bandwidth}<br>ridge at {ridge} FLOPs per byte",
        machine=machine.title, peak=short(machine.peak(dtype), "FLOP/s", 3), type=dtype, bandwidth=short(machine.bandwidth, "B/s", 3), ridge=f"{machine.ridge(dtype):.3g}",
    )  # fmt: skip
    figure.add_scatter(x=line["intensity"], y=line["speed"], mode="lines", line=look, name=f"{machine.title} ({dtype})", hovertemplate=says + "<extra></extra>")
    ridge = {"x": [machine.ridge(dtype)], "y": [machine.peak(dtype)]}
    figure.add_scatter(
        **ridge,
        mode="markers",
        marker={"symbol": "line-ns", "size": 12, "line": {"width": 2, "color": look["color"]}},
        showlegend=False,
        hovertemplate=says + "<extra></extra>",
    )


def _dots(figure: go.Figure, table: pd.DataFrame, total: float, name: str, colour: str, dark: bool) -> None:
    shares = table["seconds"] / total if total else table["seconds"] * 0
    text = [_hover(row, share) for row, share in zip(table.to_dict("records"), shares, strict=True)]
    size = 6 + 26 * np.sqrt(shares.to_numpy(float))
    marker = {"size": size, "color": mix(colour, GROUND.on(dark), 0.6), "line": {"width": 1, "color": colour}}
    figure.add_scatter(x=table["intensity"], y=table["speed"], mode="markers", name=name, marker=marker, text=text, hovertemplate="%{text}<extra></extra>")


def _hover(row: dict[object, Any], share: float) -> str:
    return tr(
        "<b>{module}</b><br>{operation}<br>{flops}, {bytes}, {intensity} FLOPs per byte<br>{time} µs ({share} % of the time)<br>{speed}, {reached} % of the roof, bound by {bound}",
        module=row["module"] or tr("the network"), operation=f"{row['op']} {row['setting']}", flops=short(row["flops"], "FLOP", 3), bytes=memory(row["bytes"]),
        intensity=f"{row['intensity']:.3g}", time=f"{row['seconds'] * 1e6:.4g}", share=f"{100 * share:.2g}", speed=short(row["speed"], "FLOP/s", 3),
        reached=f"{100 * row['reached']:.3g}", bound=tr(row["bound"]),
    )  # fmt: skip


def _whole(figure: go.Figure, dot: dict[str, float], name: str, colour: str, dark: bool) -> None:
    if not dot or not np.isfinite(dot["intensity"]) or not dot["flops"]:
        return
    whole = tr("{network}, whole", network=name)
    says = tr(
        "<b>{whole}</b><br>{flops}, {bytes}<br>{time} ms, {speed}<br>{reached} % of its operations' roofs<br>{all_flops} FLOPs",
        whole=whole, flops=short(dot["flops"], "FLOP", 4), bytes=memory(dot["bytes"]), time=f"{dot['seconds'] * 1e3:.4g}", speed=short(dot["speed"], "FLOP/s", 3),
        reached=f"{100 * dot['reached']:.3g}", all_flops=all_digits(dot["flops"]),
    )  # fmt: skip
    marker = {"symbol": "diamond", "size": 17, "color": colour, "line": {"width": 2, "color": GROUND.on(dark)}}
    figure.add_scatter(
        x=[dot["intensity"]], y=[dot["speed"]], mode="markers+text", text=[name], textposition="bottom center", textfont={"color": INK.on(dark), "size": 14},
        marker=marker, name=whole, showlegend=False, hovertemplate=says + "<extra></extra>",
    )  # fmt: skip
