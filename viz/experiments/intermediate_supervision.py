"""The picture of blocks.experiments.intermediate_supervision: the task, and a pair of bars a stack."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from blocks.experiments.intermediate_supervision import SUPERVISION_WAYS, Supervision
from viz.experiments.figure import bare, colour, heat, image, show_figure
from viz.kit.screen import Screen

_WORDS = {
    "en": {
        "picture": "Picture",
        "target": "Heat maps",
        "gradient": "Gradient in each stack",
        "every": "a loss for every stack",
        "last": "the last loss only",
        "stack": "stack",
    },
    "zh": {"picture": "图片", "target": "热图", "gradient": "各堆叠中的梯度", "every": "每个堆叠都有损失", "last": "只有最后的损失", "stack": "堆叠"},
}


def draw(result: Supervision, screen: Screen, key: str) -> None:
    """One training picture above its target; bars on the right."""
    words = _WORDS[screen.language]
    made = make_subplots(
        2, 2, specs=[[{}, {"rowspan": 2}], [{}, None]], subplot_titles=[words["picture"], words["gradient"], words["target"]], column_widths=[0.26, 0.74],
        horizontal_spacing=0.1, vertical_spacing=0.14,
    )  # fmt: skip
    made.add_trace(image(result.picture), 1, 1)
    made.add_trace(heat(result.target, hoverinfo="skip"), 2, 1)
    for row in (1, 2):
        bare(made, row, 1)
    for i, way in enumerate(SUPERVISION_WAYS):
        values = result.gradients[way]
        made.add_trace(go.Bar(x=[str(k + 1) for k in range(len(values))], y=values, name=words[way], marker={"color": colour(i)}), 1, 2)
    made.update_xaxes(title=words["stack"], row=1, col=2)
    made.update_yaxes(exponentformat="power", row=1, col=2)
    show_figure(made, screen, key, share=0.68)
