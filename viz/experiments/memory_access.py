"""The picture of blocks.experiments.memory_access: bytes moved against the ratio of channels, at equal MACs."""

from __future__ import annotations

import plotly.graph_objects as go

from blocks.experiments.memory_access import Access
from blocks.language import tr
from viz.experiments.figure import colour, show_figure
from viz.kit.screen import Screen


def draw(result: Access, screen: Screen, key: str) -> None:
    """One curve, its least point marked."""
    moved = [b / 2**20 for b in result.bytes]
    least = moved.index(min(moved))
    hover = [f"{i} → {o}" for i, o in result.channels]
    figure = go.Figure(
        go.Scatter(x=result.ratio, y=moved, text=hover, mode="lines+markers", line={"color": colour(0), "width": 3}, marker={"size": 9},
                   hovertemplate="%{text}: %{y:.2f} MiB<extra></extra>", showlegend=False)
    )  # fmt: skip
    figure.add_scatter(
        x=[result.ratio[least]], y=[moved[least]], mode="markers+text", text=[f"{tr('least')}: {hover[least]}"], textposition="top center",
        marker={"size": 16, "color": colour(1)}, showlegend=False, hoverinfo="skip",
    )  # fmt: skip
    figure.update_xaxes(type="log", title="C_in : C_out", tickvals=result.ratio, ticktext=[f"{r:g}" if r >= 1 else f"1/{1 / r:g}" for r in result.ratio])
    figure.update_yaxes(title=tr("bytes moved (MiB)"), rangemode="tozero")
    show_figure(figure, screen, key)
