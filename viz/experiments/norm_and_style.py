"""The picture of blocks.experiments.norm_and_style: both pictures, and the features' distance layer by layer."""

from __future__ import annotations

from plotly.subplots import make_subplots

from blocks.experiments.norm_and_style import NORMS, FeatureShifts
from blocks.language import tr, translatable
from viz.experiments.figure import bare, image, lines, show_figure
from viz.kit.screen import Screen

_WORDS = {"batch": translatable("batch norm"), "ibn": "IBN", "instance": translatable("instance norm")}


def draw(result: FeatureShifts, screen: Screen, key: str) -> None:
    """Pictures on the left, one above the other; a line a norm on the right."""
    made = make_subplots(
        2, 2, specs=[[{}, {"rowspan": 2}], [{}, None]], subplot_titles=[tr("Original"), tr("Feature distance"), tr("Changed")], column_widths=[0.28, 0.72],
        horizontal_spacing=0.08, vertical_spacing=0.14,
    )  # fmt: skip
    for row, pixels in enumerate((result.before, result.after), 1):
        made.add_trace(image(pixels), row, 1)
        bare(made, row, 1)
    depth = [float(i + 1) for i in range(len(result.moved["batch"]))]
    for line in lines({tr(_WORDS[norm]): result.moved[norm] for norm in NORMS}, x=depth):
        line.mode = "lines+markers"
        line.marker = {"size": 9}
        made.add_trace(line, 1, 2)
    made.update_xaxes(title=tr("layer"), dtick=1, row=1, col=2)
    made.update_yaxes(tickformat=".0%", rangemode="tozero", row=1, col=2)
    show_figure(made, screen, key, share=0.68)
