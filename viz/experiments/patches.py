"""The picture of blocks.experiments.patches: the picture with its grid of patches, and a bar a term."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from blocks.experiments.patches import Patches
from blocks.language import tr, translatable
from viz.experiments.figure import bare, colour, image, show_figure
from viz.kit.numbers import short
from viz.kit.screen import Screen

_WORDS = {
    "embedding": translatable("embedding"),
    "projections": translatable("projections 4D²N"),
    "perceptron": "MLP 8D²N",
    "attention": translatable("attention 2N²D"),
    "classifier": translatable("classifier"),
}


def draw(result: Patches, screen: Screen, key: str) -> None:
    """Lines between the patches on the picture; the terms from most to least."""
    side, size = result.side, result.patch_size
    made = make_subplots(
        1, 2, subplot_titles=[tr("{n} x {n} patches of {p} x {p}", n=side // size, p=size), tr("MACs of ViT-B")], column_widths=[0.44, 0.56], horizontal_spacing=0.24
    )  # fmt: skip
    made.add_trace(image(result.picture), 1, 1)
    bare(made, 1, 1)
    xs: list[float | None] = []
    ys: list[float | None] = []
    for at in range(0, side + 1, size):
        xs += [at - 0.5, at - 0.5, None, -0.5, side - 0.5, None]
        ys += [-0.5, side - 0.5, None, at - 0.5, at - 0.5, None]
    made.add_trace(go.Scatter(x=xs, y=ys, mode="lines", line={"color": "#FFFFFF", "width": 1.5}, hoverinfo="skip", showlegend=False), 1, 1)
    made.update_xaxes(range=[-0.5, side - 0.5], row=1, col=1)
    names = sorted(result.terms, key=lambda name: result.terms[name])
    values = [result.terms[name] for name in names]
    tones = [colour(1 if name == "attention" else 0) for name in names]
    bars = go.Bar(
        x=values, y=[tr(_WORDS[name]) for name in names], orientation="h", text=[short(v) for v in values], textposition="outside", cliponaxis=False, showlegend=False,
        marker={"color": tones},
    )  # fmt: skip
    made.add_trace(bars, 1, 2)
    made.update_xaxes(range=[0, 1.25 * max(values)], showticklabels=False, showgrid=False, row=1, col=2)
    show_figure(made, screen, key)
