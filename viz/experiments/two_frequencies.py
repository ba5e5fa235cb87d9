"""The picture of blocks.experiments.two_frequencies: the picture, its low part in its own size, the high part, and what α saves."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from blocks.experiments.two_frequencies import SIDE, Halves
from blocks.language import tr, translatable
from viz.experiments.figure import bare, colour, image, lines, show_figure
from viz.kit.screen import Screen

_WORDS = {
    "picture": translatable("Original"),
    "low": translatable("Low, half the side"),
    "high": translatable("High (three times)"),
    "saved": translatable("Kept at α"),
}


def draw(result: Halves, screen: Screen, key: str) -> None:
    """Three pictures to one scale of pixels; the shares of values and of MACs by α."""
    titles = [tr(_WORDS[name]) for name in ("picture", "low", "high", "saved")]
    made = make_subplots(1, 4, subplot_titles=titles, column_widths=[0.25, 0.25, 0.25, 0.25], horizontal_spacing=0.07)
    for column, pixels in enumerate((result.picture, result.low, 0.5 + 3 * result.high), 1):
        made.add_trace(image(pixels), 1, column)
        bare(made, 1, column)
        made.update_xaxes(range=[-0.5, SIDE - 0.5], row=1, col=column)
        made.update_yaxes(range=[SIDE - 0.5, -0.5], autorange=False, row=1, col=column)
    alphas = sorted(result.values)
    series = {tr("values"): [result.values[a] for a in alphas], tr("MACs"): [result.macs[a] for a in alphas]}
    for line in lines(series, x=alphas):
        made.add_trace(line, 1, 4)
    here = [result.values[result.alpha], result.macs[result.alpha]]
    made.add_trace(go.Scatter(x=[result.alpha] * 2, y=here, mode="markers", showlegend=False, marker={"size": 13, "color": [colour(0), colour(1)]}), 1, 4)
    made.update_xaxes(title="α", row=1, col=4)
    made.update_yaxes(tickformat=".0%", range=[0, 1.05], row=1, col=4)
    show_figure(made, screen, key)
