"""The picture of blocks.experiments.three_forms: one channel of each form's output, and what is left of the difference."""

from __future__ import annotations

from blocks.experiments.three_forms import FORMS, Forms
from viz.experiments.figure import diverging, heat, panes, show_figure
from viz.kit.screen import Screen

_WORDS = {
    "en": {"a": "(a) paths", "b": "(b) concatenated", "c": "(c) grouped", "difference": "largest difference", "none": "reference"},
    "zh": {"a": "(a) 路径求和", "b": "(b) 先拼接", "c": "(c) 分组卷积", "difference": "最大差异", "none": "参照"},
}


def draw(result: Forms, screen: Screen, key: str) -> None:
    """Three maps in one colour scale; below each its distance from form (a)."""
    words = _WORDS[screen.language]
    made = panes([words[name] for name in FORMS])
    most = max(float(out.abs().max()) for out in result.outputs.values())
    for column, name in enumerate(FORMS, 1):
        made.add_trace(heat(result.outputs[name], diverging(), zmin=-most, zmax=most, hovertemplate="%{z:.6f}<extra></extra>"), 1, column)
        said = words["none"] if name == "a" else f"{words['difference']} {result.differences[name]:.1e}"
        made.update_xaxes(title={"text": said, "standoff": 6}, row=1, col=column)
    show_figure(made, screen, key)
