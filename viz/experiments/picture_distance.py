"""The picture of blocks.experiments.picture_distance: three pictures as the network sees them, and a bar for each distance."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from blocks.experiments.picture_distance import Distances
from viz.experiments.figure import bare, colour, image, show_figure
from viz.kit.screen import Screen

_WORDS = {
    "en": {"first": "First", "moved": "Moved a pixel", "other": "Other", "distance": "Distance from the first"},
    "zh": {"first": "第一张", "moved": "平移一个像素", "other": "另一张", "distance": "与第一张的距离"},
}


def draw(result: Distances, screen: Screen, key: str) -> None:
    """Pictures in a row; bars beside them."""
    words = _WORDS[screen.language]
    names = [words["first"], words["moved"], words["other"]]
    made = make_subplots(1, 4, subplot_titles=[*names, words["distance"]], column_widths=[0.22, 0.22, 0.22, 0.34], horizontal_spacing=0.05)
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
