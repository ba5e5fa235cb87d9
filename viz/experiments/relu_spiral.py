"""The picture of blocks.experiments.relu_spiral: the spiral, what comes back from n dimensions and from thirty, and the lost share by n."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots
from torch import Tensor

from blocks.experiments.relu_spiral import Spiral
from blocks.language import tr
from viz.experiments.figure import bare, colour, heat_scale, show_figure
from viz.kit.screen import Screen


def draw(result: Spiral, screen: Screen, key: str) -> None:
    """Points keep the colour of their place on the spiral; lost ones are hollow."""
    other = 30 if result.dims < 20 else 2
    titles = [tr("The spiral"), tr("Back from n = {n}", n=result.dims), tr("Back from n = {n}", n=other), tr("Share lost, by n")]
    made = make_subplots(1, 4, subplot_titles=titles, horizontal_spacing=0.05, column_widths=[0.23, 0.23, 0.23, 0.31])
    for column, (points, lost) in enumerate(
        ((result.points, None), (result.back[result.dims], result.lost[result.dims]), (result.back[other], result.lost[other])), 1
    ):
        made.add_trace(_dots(points, lost), 1, column)
        bare(made, 1, column)
    if bool(result.lost[result.dims].any() or result.lost[other].any()):
        made.add_trace(go.Scatter(x=[None], y=[None], mode="markers", name=tr("lost"), marker={"symbol": "circle-open", "size": 9, "color": colour(7)}), 1, 2)
    n = sorted(result.shares)
    made.add_trace(go.Scatter(x=n, y=[result.expected[k] for k in n], name="(n + 1)/2ⁿ", mode="lines", line={"color": colour(0), "width": 3}), 1, 4)
    mark = {"color": [colour(1 if k == result.dims else 0) for k in n], "size": [13 if k == result.dims else 9 for k in n]}
    made.add_trace(go.Scatter(x=n, y=[result.shares[k] for k in n], name=tr("measured"), mode="markers", marker=mark), 1, 4)
    made.update_yaxes(tickformat=".0%", rangemode="tozero", row=1, col=4)
    made.update_xaxes(title="n", type="log", tickvals=[2, 3, 5, 10, 30], row=1, col=4)
    show_figure(made, screen, key)


def _dots(points: Tensor, lost: Tensor | None) -> go.Scatter:
    place = [i / len(points) for i in range(len(points))]
    symbols = ["circle-open" if lost is not None and lost[i] else "circle" for i in range(len(points))]
    scale = [row for row in heat_scale() if row[0] >= 0.25]
    scale = [[(at - 0.25) / 0.75, tone] for at, tone in scale]
    return go.Scatter(
        x=points[:, 0].tolist(), y=(-points[:, 1]).tolist(), mode="markers", showlegend=False, hoverinfo="skip",
        marker={"color": place, "colorscale": scale, "size": 6, "symbol": symbols},
    )  # fmt: skip
