"""The picture of blocks.experiments.repeated_gradient: gradients that arrive, and copies a channel, against the number of layers."""

from __future__ import annotations

from plotly.subplots import make_subplots

from blocks.experiments.repeated_gradient import Copies
from blocks.language import tr, translatable
from viz.experiments.figure import lines, show_figure
from viz.kit.screen import Screen

_WORDS = {"dense": translatable("dense"), "csp": translatable("with a bypass")}


def draw(result: Copies, screen: Screen, key: str) -> None:
    """Two charts side by side."""
    made = make_subplots(1, 2, subplot_titles=[tr("Channel gradients, in all"), tr("Gradients per channel")], horizontal_spacing=0.12)
    for column, series in ((1, result.arriving), (2, result.copies)):
        for line in lines({tr(_WORDS[name]): [float(v) for v in values] for name, values in series.items()}, x=[float(n) for n in result.layers]):
            line.showlegend = column == 1
            made.add_trace(line, 1, column)
    made.update_xaxes(title=tr("layers"))
    made.update_yaxes(rangemode="tozero")
    show_figure(made, screen, key)
