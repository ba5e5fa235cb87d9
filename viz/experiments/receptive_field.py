"""The picture of blocks.experiments.receptive_field: each layer's field around the middle of the picture, and the gradient that comes back."""

from __future__ import annotations

from blocks.experiments.receptive_field import SIDE, Fields
from blocks.language import tr
from viz.experiments.figure import colour, heat, image, panes, show_figure, square_outline
from viz.kit.screen import Screen

_EDGE = "#FFFFFF"


def draw(result: Fields, screen: Screen, key: str) -> None:
    """Left the squares of theory on the picture; right the squared gradient (fourth root, so that its rim shows), with both squares."""
    made = panes([tr("Theory, layer by layer"), tr("Gradient, with its 95 % square")])
    made.add_trace(image(result.picture), 1, 1)
    made.add_trace(heat(result.energy**0.25, hoverinfo="skip"), 1, 2)
    for side in result.theory:
        inside = min(side, SIDE)
        square_outline(made, 1, 1, (SIDE - inside) / 2, (SIDE - inside) / 2, inside, "#14171C", width=5)
        square_outline(made, 1, 1, (SIDE - inside) / 2, (SIDE - inside) / 2, inside, _EDGE, width=2)
    for side, index, dash in ((min(result.theory[-1], SIDE), 0, "solid"), (result.effective[-1], 2, "dot")):
        square_outline(made, 1, 2, (SIDE - side) / 2, (SIDE - side) / 2, side, colour(index), width=3, dash=dash)
    half = min(SIDE, result.theory[-1] + 6) / 2
    made.update_xaxes(range=[SIDE / 2 - half - 0.5, SIDE / 2 + half - 0.5], row=1, col=2)
    made.update_yaxes(range=[SIDE / 2 + half - 0.5, SIDE / 2 - half - 0.5], autorange=False, row=1, col=2)
    show_figure(made, screen, key)
