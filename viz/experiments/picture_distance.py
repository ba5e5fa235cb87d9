"""The picture of blocks.experiments.picture_distance: three pictures as the network sees them, and a bar for each distance."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from blocks.experiments.picture_distance import Distances
from blocks.language import tr
from viz.experiments.figure import bare, colour, image, show_figure
from viz.kit.screen import Screen


def draw(result: Distances, screen: Screen, key: str) -> None:
    """Pictures in a row; bars beside them."""
    names = [tr("First"), tr("Moved a pixel"), tr("Other")]
    made = make_subplots(1, 4, subplot_titles=[*names, tr("Distance from the first")], column_widths=[0.22, 0.22, 0.22, 0.34], horizontal_spacing=0.05)
    for column, pixels in enumerate(result.pictures, 1):
        made.add_trace(image(pixels.expand(3, -1, -1)), 1, column)
        bare(made, 1, column)
    text = [f"{value:.3f}" for value in result.found]
    bars = go.Bar(
        x=names, y=result.found, text=text, textposition="outside", cliponaxis=False, showlegend=False, marker={"color": [colour(i) for i in range(3)]}
    )
    made.add_trace(bars, 1, 4)
    made.update_yaxes(rangemode="tozero", showticklabels=False, row=1, col=4)
    made.update_yaxes(range=[0, 1.15 * max(*result.found, 1e-3)], row=1, col=4)
    show_figure(made, screen, key)
