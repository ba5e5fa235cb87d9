"""The picture of blocks.experiments.branch_fields: what one position of each branch sees, with and without padding."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from blocks.experiments.branch_fields import COLUMN, ROW, Branch, Branches
from blocks.language import tr
from viz.experiments.figure import colour, image, panes, show_figure
from viz.kit.screen import Screen

#: The pool's field is the 3x3's own; a dotted line lets both be seen.
_DASHES = ("solid", "solid", "solid", "dot")
_AROUND = 7.5  # pixels shown on each side of the position


def draw(result: Branches, screen: Screen, key: str) -> None:
    """The middle of the picture twice, with an outline a branch; below, the sides of the branches' outputs and what torch says."""
    made = panes([tr("Padding 0, 1, 2: one centre"), tr("No padding: four places")])
    for column, branches in ((1, result.padded), (2, result.bare)):
        made.add_trace(image(result.picture), 1, column)
        for i, branch in enumerate(branches):
            made.add_trace(_outline(branch, i, column == 1), 1, column)
        made.update_xaxes(title=f"{tr('sides')} " + " · ".join(str(b.output) for b in branches), row=1, col=column)
    made.update_xaxes(range=[COLUMN - _AROUND, COLUMN + _AROUND])
    made.update_yaxes(range=[ROW + _AROUND, ROW - _AROUND], autorange=False)
    show_figure(made, screen, key, share=0.64)
    st.caption(f"{tr('torch on the right-hand branches:')} {result.refusal}")


def _outline(branch: Branch, index: int, named: bool) -> go.Scatter:
    top, left, height, width = branch.box
    x0, x1, y0, y1 = left - 0.5, left + width - 0.5, top - 0.5, top + height - 0.5
    name = tr("pool 3x3") if branch.name.startswith("pool") else branch.name
    return go.Scatter(
        x=[x0, x1, x1, x0, x0], y=[y0, y0, y1, y1, y0], mode="lines", line={"color": colour((2, 0, 1, 7)[index]), "width": 5, "dash": _DASHES[index]}, name=name,
        legendgroup=name, showlegend=named, hoverinfo="skip",
    )  # fmt: skip
