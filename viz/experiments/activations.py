"""The picture of blocks.experiments.activations: functions on the left, slopes on the right."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from blocks.experiments.activations import ACTIVATION_TITLES, Curves
from blocks.language import tr
from viz.experiments.figure import colour, show_figure
from viz.kit.screen import Screen

#: swish and its imitation share a hue's neighbourhood of the plane; dashes keep them apart where they touch.
_DASHES = ("solid", "dash", "solid", "dot")


def draw(result: Curves, screen: Screen, key: str) -> None:
    """A colour an activation in both panes."""
    made = make_subplots(1, 2, subplot_titles=[tr("Function"), tr("Derivative")], horizontal_spacing=0.1)
    x = result.x[::8].tolist()
    for column, curves in ((1, result.values), (2, result.slopes)):
        for i, (name, title) in enumerate(ACTIVATION_TITLES.items()):
            line = {"color": colour(i), "width": 4 if i < 2 else 3, "dash": _DASHES[i]}
            made.add_trace(
                go.Scatter(x=x, y=curves[name][::8].tolist(), name=title, legendgroup=name, showlegend=column == 1, mode="lines", line=line), 1, column
            )
    made.update_xaxes(title="x", tickvals=[-6, -3, 0, 3, 6])
    made.update_yaxes(range=[-0.8, 7], row=1, col=1)
    show_figure(made, screen, key)
