"""The picture of blocks.experiments.budget_search: random and published networks, parameters against MACs."""

from __future__ import annotations

import plotly.graph_objects as go

from blocks.experiments.budget_search import Sample
from blocks.language import tr, translatable
from viz.experiments.figure import colour, show_figure
from viz.kit.screen import Screen

_WORDS = {"inside": translatable("within the budget"), "outside": translatable("above it")}


def draw(result: Sample, screen: Screen, key: str) -> None:
    """A dot per network; the budget as a line."""
    figure = go.Figure()
    for name, keep in (("inside", True), ("outside", False)):
        dots = [(m / 1e6, p / 1e6) for m, p in result.drawn if (m <= result.budget) == keep]
        figure.add_scatter(
            x=[m for m, _ in dots],
            y=[p for _, p in dots],
            mode="markers",
            name=tr(_WORDS[name]),
            marker={"size": 10, "color": colour(2 if keep else 7), "opacity": 0.75},
        )
    figure.add_scatter(
        x=[m / 1e6 for m, _ in result.published.values()], y=[p / 1e6 for _, p in result.published.values()], mode="markers+text", name=tr("published"),
        text=list(result.published), textposition="top center", textfont={"size": 12}, marker={"size": 13, "symbol": "diamond", "color": colour(1)},
    )  # fmt: skip
    figure.add_vline(x=result.budget / 1e6, line={"dash": "dot", "width": 2}, annotation_text=tr("budget"))
    figure.update_xaxes(title=tr("MACs (M)"), rangemode="tozero")
    figure.update_yaxes(title=tr("parameters (M)"), rangemode="tozero")
    show_figure(figure, screen, key)
