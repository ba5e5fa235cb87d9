"""The picture of blocks.experiments.se_gates: the pictures, and a row of gates for each of them, block by block."""

from __future__ import annotations

from plotly.subplots import make_subplots

from blocks.experiments.se_gates import Gates
from blocks.language import tr
from viz.experiments.figure import bare, heat, image, show_figure
from viz.kit.screen import Screen


def draw(result: Gates, screen: Screen, key: str) -> None:
    """A row per picture; a column per channel in each of the three panes, in one colour scale from 0 to 1."""
    rows, blocks = len(result.shown), len(result.gates)
    specs = [[{}, *({"rowspan": rows} if r == 0 else None for _ in range(blocks))] for r in range(rows)]
    titles = ["", *(tr("Gates of block {i}", i=i + 1) for i in range(blocks))]
    made = make_subplots(
        rows, blocks + 1, specs=specs, subplot_titles=titles, column_widths=[0.13, *[0.87 / blocks] * blocks], horizontal_spacing=0.02, vertical_spacing=0.01
    )
    for row, pixels in enumerate(result.shown, 1):
        made.add_trace(image(pixels), row, 1)
        bare(made, row, 1)
    for i, gates in enumerate(result.gates):
        ordered = gates[:, gates.mean(0).argsort()]
        made.add_trace(heat(ordered, zmin=0, zmax=1, hovertemplate="%{z:.3f}<extra></extra>"), 1, i + 2)
        made.update_yaxes(autorange="reversed", showticklabels=False, ticks="", row=1, col=i + 2)
        made.update_xaxes(showticklabels=False, ticks="", title={"text": tr("spread {spread:.3f}", spread=result.spread[i]), "standoff": 6}, row=1, col=i + 2)
    show_figure(made, screen, key, share=0.74)
