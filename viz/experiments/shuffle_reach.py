"""The picture of blocks.experiments.shuffle_reach: a matrix per way, a row per output and a column per input."""

from __future__ import annotations

from blocks.experiments.shuffle_reach import CHANNELS, SHUFFLE_WAYS, Reach
from blocks.language import tr, translatable
from viz.experiments.figure import colour, heat, heat_scale, panes, show_figure
from viz.kit.numbers import all_digits
from viz.kit.screen import Screen

_WORDS = {
    "none": translatable("(a) no shuffle"),
    "full": translatable("(b) full"),
    "shuffled": translatable("(c) shuffled"),
}


def draw(result: Reach, screen: Screen, key: str) -> None:
    """Gradients' sizes, empty where nothing arrives; lines part the groups."""
    made = panes([tr(_WORDS[way]) for way in SHUFFLE_WAYS])
    scale = [[at, tone] for (at, _), (_, tone) in zip(heat_scale(), heat_scale()[4:] + heat_scale()[-1:] * 4, strict=True)]
    for column, way in enumerate(SHUFFLE_WAYS, 1):
        sizes = result.gradients[way]
        shades = (sizes / sizes.max()).sqrt().masked_fill(sizes == 0, float("nan"))
        made.add_trace(heat(shades, scale, zmin=0, zmax=1, hoverinfo="skip", xgap=1, ygap=1), 1, column)
        for k in range(1, result.groups):
            at = k * CHANNELS / result.groups - 0.5
            made.add_vline(x=at, line={"color": colour(7), "width": 1, "dash": "dot"}, row=1, col=column)
            made.add_hline(y=at, line={"color": colour(7), "width": 1, "dash": "dot"}, row=1, col=column)
        made.update_xaxes(title=tr("{n} weights", n=all_digits(result.weights[way])), range=[-0.5, CHANNELS - 0.5], row=1, col=column)
    made.update_yaxes(title=tr("outputs"), col=1)
    show_figure(made, screen, key)
