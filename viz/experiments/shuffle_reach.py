"""The picture of blocks.experiments.shuffle_reach: a matrix per way, a row per output and a column per input."""

from __future__ import annotations

from blocks.experiments.shuffle_reach import CHANNELS, SHUFFLE_WAYS, Reach
from viz.experiments.figure import colour, heat, heat_scale, panes, show_figure
from viz.kit.numbers import all_digits
from viz.kit.screen import Screen

_WORDS = {
    "en": {"none": "(a) no shuffle", "full": "(b) full", "shuffled": "(c) shuffled", "weights": "{n} weights", "inputs": "input groups", "outputs": "outputs"},
    "zh": {"none": "(a) 无通道混洗", "full": "(b) 全连接", "shuffled": "(c) 通道混洗", "weights": "{n} 个权重", "inputs": "输入分组", "outputs": "输出"},
}


def draw(result: Reach, screen: Screen, key: str) -> None:
    """Gradients' sizes, empty where nothing arrives; lines part the groups."""
    words = _WORDS[screen.language]
    made = panes([words[way] for way in SHUFFLE_WAYS])
    scale = [[at, tone] for (at, _), (_, tone) in zip(heat_scale(), heat_scale()[4:] + heat_scale()[-1:] * 4, strict=True)]
    for column, way in enumerate(SHUFFLE_WAYS, 1):
        sizes = result.gradients[way]
        shades = (sizes / sizes.max()).sqrt().masked_fill(sizes == 0, float("nan"))
        made.add_trace(heat(shades, scale, zmin=0, zmax=1, hoverinfo="skip", xgap=1, ygap=1), 1, column)
        for k in range(1, result.groups):
            at = k * CHANNELS / result.groups - 0.5
            made.add_vline(x=at, line={"color": colour(7), "width": 1, "dash": "dot"}, row=1, col=column)
            made.add_hline(y=at, line={"color": colour(7), "width": 1, "dash": "dot"}, row=1, col=column)
        made.update_xaxes(title=words["weights"].format(n=all_digits(result.weights[way])), range=[-0.5, CHANNELS - 0.5], row=1, col=column)
    made.update_yaxes(title=words["outputs"], col=1)
    show_figure(made, screen, key)
