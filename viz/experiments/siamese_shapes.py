"""The picture of blocks.experiments.siamese_shapes: distances by epoch, their histogram, and a one-shot choice."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from blocks.experiments.siamese_shapes import UNSEEN, Parting
from blocks.language import tr
from viz.experiments.figure import bare, colour, image, lines, show_figure
from viz.kit.screen import Screen


def draw(result: Parting, screen: Screen, key: str) -> None:
    """Above: lines and histograms on unseen classes. Below: a query, and each class's one example with its distance; the nearest is framed."""
    classes = len(UNSEEN)
    specs = [[{"colspan": 3}, None, None, {"colspan": 2}, None], [{} for _ in range(classes + 1)]]
    nearest = int(result.distances.argmin())
    marks = [f"d = {float(d):.2f}" for d in result.distances]
    made = make_subplots(
        2, classes + 1, specs=specs, subplot_titles=[tr("Mean distance by epoch"), tr("All distances now"), tr("Which one matches?"), *marks], row_heights=[0.62, 0.38],
        vertical_spacing=0.32, horizontal_spacing=0.06,
    )  # fmt: skip
    for line in lines({tr("one class"): result.same, tr("two classes"): result.different}):
        made.add_trace(line, 1, 1)
    for i, values in enumerate(result.after):
        made.add_trace(go.Histogram(x=values.tolist(), histnorm="probability", nbinsx=24, opacity=0.6, marker={"color": colour(i)}, showlegend=False), 1, 4)
    for column, pixels in enumerate((result.query, *result.support), 1):
        made.add_trace(image(pixels.expand(3, -1, -1)), 2, column)
        bare(made, 2, column)
    side = result.query.shape[-1]
    made.add_shape(type="rect", x0=-0.5, y0=-0.5, x1=side - 0.5, y1=side - 0.5, line={"color": colour(2), "width": 6}, row=2, col=nearest + 2)
    made.update_layout(barmode="overlay")
    made.update_xaxes(title={"text": tr("epoch"), "standoff": 2}, row=1, col=1)
    made.update_yaxes(range=[0, 1.35 * max(*result.same, *result.different)], row=1, col=1)
    made.update_yaxes(showticklabels=False, row=1, col=4)
    show_figure(made, screen, key, share=0.66, legend={"x": 0.02, "y": 1.0, "yref": "paper", "yanchor": "top", "orientation": "h", "bgcolor": "rgba(0,0,0,0)"})
