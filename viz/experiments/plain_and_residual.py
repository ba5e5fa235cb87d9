"""The picture of blocks.experiments.plain_and_residual: signal and gradient against depth, on a logarithmic axis."""

from __future__ import annotations

from plotly.subplots import make_subplots

from blocks.experiments.plain_and_residual import Depth
from viz.experiments.figure import lines, show_figure
from viz.kit.screen import Screen

_WORDS = {
    "en": {
        "plain": "plain",
        "residual": "residual",
        "signal": "Signal after block",
        "gradient": "Gradient arriving at block",
        "size": "size (root mean square)",
    },
    "zh": {"plain": "普通", "residual": "残差", "signal": "各块之后的信号", "gradient": "到达各块的梯度", "size": "大小（均方根）"},
}


def draw(result: Depth, screen: Screen, key: str) -> None:
    """Two charts side by side: forward, relative to the input; backward, relative to the last block."""
    words = _WORDS[screen.language]
    made = make_subplots(1, 2, subplot_titles=[words["signal"], words["gradient"]], horizontal_spacing=0.12)
    for column, series in ((1, result.signal), (2, result.gradient)):
        for line in lines({words[kind]: values for kind, values in series.items()}):
            line.showlegend = column == 1
            made.add_trace(line, 1, column)
    made.update_yaxes(type="log", exponentformat="power", dtick=None)
    made.update_yaxes(title=words["size"], col=1)
    show_figure(made, screen, key)
