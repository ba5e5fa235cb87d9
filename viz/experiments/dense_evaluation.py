"""The picture of blocks.experiments.dense_evaluation: two windows on the picture, a map of scores for each size, and the scores by size."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from blocks.experiments.dense_evaluation import STEP, TRAINED, Dense
from blocks.language import tr
from viz.experiments.figure import bare, colour, heat, image, show_figure, square_outline
from viz.kit.screen import Screen


def draw(result: Dense, screen: Screen, key: str) -> None:
    """The picture with its first and last window; one class's maps, from one score to many; every class's mean by size."""
    sides = sorted(result.maps)
    titles = [tr("Two windows"), *(tr("{side} px: {n}x{n}", side=s, n=len(result.maps[s])) for s in sides), tr("Scores by size")]
    made = make_subplots(1, len(titles), subplot_titles=titles, column_widths=[0.24, *([0.125] * len(sides)), 0.26], horizontal_spacing=0.035)
    made.add_trace(image(result.picture), 1, 1)
    bare(made, 1, 1)
    last = STEP * (len(result.maps[result.side]) - 1)
    square_outline(made, 1, 1, 0, 0, TRAINED, colour(0))
    square_outline(made, 1, 1, last, last, TRAINED, colour(1))
    low, high = min(float(m.min()) for m in result.maps.values()), max(float(m.max()) for m in result.maps.values())
    for column, side in enumerate(sides, 2):
        made.add_trace(heat(result.maps[side], zmin=low, zmax=high), 1, column)
        bare(made, 1, column)
    classes = list(range(1, len(result.mean) + 1))
    for i, side in enumerate(sides):
        made.add_trace(go.Bar(x=classes, y=result.scores[side], name=f"{side} px", marker_color=colour(i)), 1, len(titles))
    mean = go.Scatter(x=classes, y=result.mean, name=tr("mean of all sizes"), mode="markers", marker={"symbol": "line-ew-open", "size": 26, "color": colour(7)})
    made.add_trace(mean, 1, len(titles))
    made.update_xaxes(title=tr("class"), dtick=1, row=1, col=len(titles))
    show_figure(made, screen, key, share=0.62)
