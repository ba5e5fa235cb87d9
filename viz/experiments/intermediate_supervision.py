"""The picture of blocks.experiments.intermediate_supervision: the task, and a pair of bars a stack."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from blocks.experiments.intermediate_supervision import SUPERVISION_WAYS, Supervision
from blocks.language import tr, translatable
from viz.experiments.figure import bare, colour, heat, image, show_figure
from viz.kit.screen import Screen

_WORDS = {"every": translatable("a loss at every stack"), "last": translatable("a loss at the last stack only")}


def draw(result: Supervision, screen: Screen, key: str) -> None:
    """One training picture above its target; bars on the right."""
    made = make_subplots(
        2, 2, specs=[[{}, {"rowspan": 2}], [{}, None]], subplot_titles=[tr("Image"), tr("Gradient in each stack"), tr("Heat maps")], column_widths=[0.26, 0.74],
        horizontal_spacing=0.1, vertical_spacing=0.14,
    )  # fmt: skip
    made.add_trace(image(result.picture), 1, 1)
    made.add_trace(heat(result.target, hoverinfo="skip"), 2, 1)
    for row in (1, 2):
        bare(made, row, 1)
    for i, way in enumerate(SUPERVISION_WAYS):
        values = result.gradients[way]
        made.add_trace(go.Bar(x=[str(k + 1) for k in range(len(values))], y=values, name=tr(_WORDS[way]), marker={"color": colour(i)}), 1, 2)
    made.update_xaxes(title=tr("stack"), row=1, col=2)
    made.update_yaxes(exponentformat="power", row=1, col=2)
    show_figure(made, screen, key, share=0.68)
