"""The picture of blocks.experiments.compound_scaling: MACs against φ, on a logarithmic axis."""

from __future__ import annotations

import plotly.graph_objects as go

from blocks.experiments.compound_scaling import Scaling
from blocks.language import tr, translatable
from viz.experiments.figure import lines, show_figure
from viz.kit.screen import Screen

_WORDS = {
    "depth": translatable("depth only"),
    "width": translatable("width only"),
    "resolution": translatable("resolution only"),
    "compound": translatable("compound"),
}


def draw(result: Scaling, screen: Screen, key: str) -> None:
    """A line for each way to grow; the rule dotted."""
    series = {tr(_WORDS[name]): [m / 1e9 for m in values] for name, values in result.macs.items()}
    figure = go.Figure(lines(series, x=result.phi))
    first = result.macs["compound"][0] / 1e9
    figure.add_traces(lines({"2^φ": [first * 2**phi for phi in result.phi]}, x=result.phi, first=7, dashed=True))
    figure.update_traces(mode="lines+markers", marker={"size": 8})
    figure.update_yaxes(type="log", title=tr("MACs (G)"))
    figure.update_xaxes(title="φ", dtick=1)
    show_figure(figure, screen, key)
