"""The picture of blocks.experiments.norm_and_style: both pictures, and the features' distance layer by layer."""

from __future__ import annotations

from plotly.subplots import make_subplots

from blocks.experiments.norm_and_style import NORMS, FeatureShifts
from viz.experiments.figure import bare, image, lines, show_figure
from viz.kit.screen import Screen

_WORDS = {
    "en": {
        "before": "Picture",
        "after": "Changed",
        "moved": "Distance of the features",
        "layer": "layer",
        "batch": "batch",
        "ibn": "IBN",
        "instance": "instance",
    },
    "zh": {"before": "原图", "after": "改变后", "moved": "特征的距离", "layer": "层", "batch": "批归一化", "ibn": "IBN", "instance": "实例归一化"},
}


def draw(result: FeatureShifts, screen: Screen, key: str) -> None:
    """Pictures on the left, one above the other; a line a norm on the right."""
    words = _WORDS[screen.language]
    made = make_subplots(
        2, 2, specs=[[{}, {"rowspan": 2}], [{}, None]], subplot_titles=[words["before"], words["moved"], words["after"]], column_widths=[0.28, 0.72],
        horizontal_spacing=0.08, vertical_spacing=0.14,
    )  # fmt: skip
    for row, pixels in enumerate((result.before, result.after), 1):
        made.add_trace(image(pixels), row, 1)
        bare(made, row, 1)
    depth = [float(i + 1) for i in range(len(result.moved["batch"]))]
    for line in lines({words[norm]: result.moved[norm] for norm in NORMS}, x=depth):
        line.mode = "lines+markers"
        line.marker = {"size": 9}
        made.add_trace(line, 1, 2)
    made.update_xaxes(title=words["layer"], dtick=1, row=1, col=2)
    made.update_yaxes(tickformat=".0%", rangemode="tozero", row=1, col=2)
    show_figure(made, screen, key, share=0.68)
