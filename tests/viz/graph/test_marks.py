"""Marks of a comparison on the boxes."""

from __future__ import annotations

from blocks import analyse
from viz.graph.fold import Fold
from viz.graph.marks import item_marks, shown_marks


def test_marks_of_operations_become_marks_of_boxes() -> None:
    fold = Fold(analyse("resnet18").graph)
    first = fold.items["stages.1"]
    marks = item_marks(fold, dict.fromkeys(range(first.start, first.stop), "equal") | {first.start: "changed"} | {fold.items["stages.2"].start: "added"})
    shown = shown_marks(fold.visible(fold.preset("stage"))[0], marks)
    assert shown == {"stages.1": "changed", "stages.2": "added"}
