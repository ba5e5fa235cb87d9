"""The picture of blocks.experiments.three_forms: one channel of each form's output, and what is left of the difference."""

from __future__ import annotations

from blocks.experiments.three_forms import FORMS, Forms
from blocks.language import tr, translatable
from viz.experiments.figure import diverging, heat, panes, show_figure
from viz.kit.screen import Screen

_WORDS = {"a": translatable("(a) paths"), "b": translatable("(b) concatenated"), "c": translatable("(c) grouped")}


def draw(result: Forms, screen: Screen, key: str) -> None:
    """Three maps in one colour scale; below each its distance from form (a)."""
    made = panes([tr(_WORDS[name]) for name in FORMS])
    most = max(float(out.abs().max()) for out in result.outputs.values())
    for column, name in enumerate(FORMS, 1):
        made.add_trace(heat(result.outputs[name], diverging(), zmin=-most, zmax=most, hovertemplate="%{z:.6f}<extra></extra>"), 1, column)
        said = tr("reference") if name == "a" else f"{tr('largest difference')} {result.differences[name]:.1e}"
        made.update_xaxes(title={"text": said, "standoff": 6}, row=1, col=column)
    show_figure(made, screen, key)
