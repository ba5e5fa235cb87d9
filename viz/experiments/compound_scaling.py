"""The picture of blocks.experiments.compound_scaling: MACs against φ, on a logarithmic axis."""

from __future__ import annotations

import plotly.graph_objects as go

from blocks.experiments.compound_scaling import Scaling
from viz.experiments.figure import lines, show_figure
from viz.kit.screen import Screen

_WORDS = {
    "en": {"depth": "depth only", "width": "width only", "resolution": "resolution only", "compound": "compound", "rule": "2^φ", "y": "MACs (G)"},
    "zh": {"depth": "只加深", "width": "只加宽", "resolution": "只提高分辨率", "compound": "复合", "rule": "2^φ", "y": "乘加次数 (G)"},
}


def draw(result: Scaling, screen: Screen, key: str) -> None:
    """A line for each way to grow; the rule dotted."""
    words = _WORDS[screen.language]
    series = {words[name]: [m / 1e9 for m in values] for name, values in result.macs.items()}
    figure = go.Figure(lines(series, x=result.phi))
    first = result.macs["compound"][0] / 1e9
    figure.add_traces(lines({words["rule"]: [first * 2**phi for phi in result.phi]}, x=result.phi, first=7, dashed=True))
    figure.update_traces(mode="lines+markers", marker={"size": 8})
    figure.update_yaxes(type="log", title=words["y"])
    figure.update_xaxes(title="φ", dtick=1)
    show_figure(figure, screen, key)
