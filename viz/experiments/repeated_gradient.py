"""The picture of blocks.experiments.repeated_gradient: gradients that arrive, and copies a channel, against the number of layers."""

from __future__ import annotations

from plotly.subplots import make_subplots

from blocks.experiments.repeated_gradient import Copies
from viz.experiments.figure import lines, show_figure
from viz.kit.screen import Screen

_WORDS = {
    "en": {"dense": "dense", "csp": "with a part around", "arriving": "Channel gradients arriving", "copies": "Gradients a channel", "x": "layers"},
    "zh": {"dense": "密集", "csp": "有绕行部分", "arriving": "到达的通道梯度", "copies": "每个通道的梯度份数", "x": "层数"},
}


def draw(result: Copies, screen: Screen, key: str) -> None:
    """Two charts side by side."""
    words = _WORDS[screen.language]
    made = make_subplots(1, 2, subplot_titles=[words["arriving"], words["copies"]], horizontal_spacing=0.12)
    for column, series in ((1, result.arriving), (2, result.copies)):
        for line in lines({words[name]: [float(v) for v in values] for name, values in series.items()}, x=[float(n) for n in result.layers]):
            line.showlegend = column == 1
            made.add_trace(line, 1, column)
    made.update_xaxes(title=words["x"])
    made.update_yaxes(rangemode="tozero")
    show_figure(made, screen, key)
