"""The picture of blocks.experiments.attention_field: the picture, and what is seen of it, a row per network and a column per layer."""

from __future__ import annotations

from plotly.subplots import make_subplots

from blocks.experiments.attention_field import LAYERS, SIDE, Sight
from blocks.language import tr, translatable
from viz.experiments.figure import bare, colour, heat, image, show_figure, square_outline
from viz.kit.screen import Screen

_WORDS = {"convolution": translatable("3x3, {i}: {share}"), "patch": translatable("patch: {share}"), "attention": translatable("attention, {i}: {share}")}


def draw(result: Sight, screen: Screen, key: str) -> None:
    """Gradients' fourth root, so that faint sight shows; what is not seen stays empty."""
    titles = [tr("Image")]
    for name in ("convolution", "attention"):
        for i, share in enumerate(result.shares[name]):
            word = "patch" if name == "attention" and i == 0 else name
            titles.append(tr(_WORDS[word], i=i if name == "attention" else i + 1, share="100%" if share == 1 else f"{share:.1%}"))
    specs = [[{"rowspan": 2}, *({} for _ in range(LAYERS))], [None, *({} for _ in range(LAYERS))]]
    made = make_subplots(2, LAYERS + 1, specs=specs, subplot_titles=titles, horizontal_spacing=0.03, vertical_spacing=0.13)
    made.add_trace(image(result.picture), 1, 1)
    bare(made, 1, 1)
    for row, maps in enumerate((result.convolution, result.attention), 1):
        for column, energy in enumerate(maps, 2):
            made.add_trace(heat((energy**0.25).masked_fill(energy == 0, float("nan")), zmin=0, zmax=1, hoverinfo="skip"), row, column)
            bare(made, row, column)
            square_outline(made, row, column, 0, 0, SIDE, colour(7), width=1)
    show_figure(made, screen, key, share=0.76)
