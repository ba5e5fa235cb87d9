"""The picture of blocks.experiments.plain_and_residual: signal and gradient against depth, on a logarithmic axis."""

from __future__ import annotations

from plotly.subplots import make_subplots

from blocks.experiments.plain_and_residual import Depth
from blocks.language import tr, translatable
from viz.experiments.figure import lines, show_figure
from viz.kit.screen import Screen

_WORDS = {"plain": translatable("plain"), "residual": translatable("residual")}


def draw(result: Depth, screen: Screen, key: str) -> None:
    """Two charts side by side: forward, relative to the input; backward, relative to the last block."""
    made = make_subplots(1, 2, subplot_titles=[tr("Signal after block"), tr("Gradient arriving at block")], horizontal_spacing=0.12)
    for column, series in ((1, result.signal), (2, result.gradient)):
        for line in lines({tr(_WORDS[kind]): values for kind, values in series.items()}):
            line.showlegend = column == 1
            made.add_trace(line, 1, column)
    made.update_yaxes(type="log", exponentformat="power", dtick=None)
    made.update_yaxes(title=tr("size (root mean square)"), col=1)
    show_figure(made, screen, key)
