"""The picture of blocks.experiments.shake_spread: the first draws, the spread of one number of the output, and α against β."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from blocks.experiments.shake_spread import IMAGES, Spread
from blocks.language import tr
from viz.experiments.figure import colour, show_figure
from viz.kit.screen import Screen

SHOWN, PAIRS = 16, 80  # draws in the first and in the last pane


def draw(result: Spread, screen: Screen, key: str) -> None:
    """Left: four images' shares; middle: histogram with eval mode's value and the mean; right: forward against backward share."""
    made = make_subplots(1, 3, subplot_titles=[tr("α, draw by draw"), tr("One output value"), tr("β against α")], horizontal_spacing=0.09)
    for i in range(IMAGES):
        first = result.alpha[:SHOWN, i].tolist()
        mark = {"color": colour(i), "size": 15 - 3 * i, "symbol": ("circle", "square", "diamond", "cross")[i]}
        made.add_trace(
            go.Scatter(x=list(range(1, len(first) + 1)), y=first, mode="markers", marker=mark, name=tr("image {i}", i=i + 1), legendgroup=str(i)), 1, 1
        )
        both = {"x": result.alpha[:PAIRS, i].tolist(), "y": result.beta[:PAIRS, i].tolist()}
        made.add_trace(go.Scatter(**both, mode="markers", marker=mark | {"size": 5}, legendgroup=str(i), showlegend=False), 1, 3)
    made.add_trace(go.Histogram(x=result.value.tolist(), nbinsx=20, marker={"color": colour(0)}, opacity=0.55, showlegend=False), 1, 2)
    for name, at, index, dash in ((tr("eval"), result.use, 1, "solid"), (tr("mean"), float(result.value.mean()), 2, "dot")):
        made.add_vline(x=at, line={"color": colour(index), "width": 4, "dash": dash}, row=1, col=2)
        made.add_trace(go.Scatter(x=[None], y=[None], mode="lines", line={"color": colour(index), "width": 4, "dash": dash}, name=name), 1, 2)
    made.update_xaxes(range=[min(result.ends), max(result.ends)], row=1, col=2)
    made.update_xaxes(title=tr("draw"), row=1, col=1)
    made.update_xaxes(title="α", row=1, col=3)
    made.update_yaxes(range=[-0.03, 1.03], row=1, col=1)
    made.update_yaxes(range=[-0.03, 1.03], row=1, col=3)
    show_figure(made, screen, key)
