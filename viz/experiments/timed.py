"""The picture of every experiment about time: each network's counts and time beside the first one's, and the table with units."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from blocks.experiments.timed import Timed
from blocks.language import tr, translatable
from viz.experiments.figure import colour, show_figure
from viz.kit.numbers import all_digits, memory, short
from viz.kit.screen import Screen

_WORDS = {"params": translatable("parameters"), "macs": translatable("MACs"), "bytes": translatable("bytes moved")}


def draw_timed(rows: Sequence[Timed], screen: Screen, key: str, *, log: bool = False, labels: Sequence[str] | None = None) -> None:
    """Bars for the quantities that the first network has, relative to it, the time with its interval; the figures below."""
    names = list(labels or (r.label for r in rows))
    first = rows[0]
    shown = [q for q in ("params", "macs", "bytes") if getattr(first, q)]
    figure = go.Figure()
    for i, (row, name) in enumerate(zip(rows, names, strict=True)):
        values = [getattr(row, q) / getattr(first, q) for q in shown] + [row.times]
        _, low, high = row.ratio or (1.0, None, None)
        spread = (0.0, 0.0) if low is None or high is None else (high - row.times, row.times - low)
        error = {"type": "data", "symmetric": False, "array": [0.0] * len(shown) + [spread[0]], "arrayminus": [0.0] * len(shown) + [spread[1]], "thickness": 2}
        figure.add_bar(x=[tr(_WORDS[q]) for q in shown] + [tr("time")], y=values, name=name, marker_color=colour(i), error_y=error)
    figure.update_layout(barmode="group", bargap=0.25)
    figure.update_yaxes(title=tr("relative"), type="log" if log else "linear", rangemode="tozero")
    show_figure(figure, screen, key, share=0.36)
    lines = [f"| | {' | '.join(map(tr, _WORDS.values()))} | {tr('median (ms)')} |", "|:--|--:|--:|--:|--:|"]
    for row, name in zip(rows, names, strict=True):
        params = short(row.params) if row.params >= 1e6 else all_digits(row.params)
        lines.append(f"| {name} | {params} | {short(row.macs)} | {memory(row.bytes)} | {row.median * 1e3:.3g} |")
    st.markdown("\n".join(lines))
