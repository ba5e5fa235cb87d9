"""Every graph of a lecture opens at a size at which its words can be told apart."""

from __future__ import annotations

import pytest

from viz.graph.dot import TITLE
from viz.graph.fold import fold_of
from viz.graph.scene import scene
from viz.lectures import course
from viz.lectures.source import LectureStep, View, read_lecture
from viz.lectures.targets import of_options

#: A presentation in a laptop's window: the step's width, what the viewer's frame takes of it and of its height, and the least height of a box's title, in pixels.
_WIDTH, _BESIDE, _BARS, _LEAST = 1190, 30, 90, 5.0


def graphs(step: LectureStep) -> list[tuple[View, float]]:
    """The step's graphs, each with the width of its column."""
    return [
        (part, _WIDTH * share / sum(row.ratio))
        for row in step.rows
        for column, share in zip(row.columns, row.ratio, strict=True)
        for part in column
        if isinstance(part, View) and part.kind == "graph"
    ]


@pytest.mark.parametrize("name", [lecture.name for lecture in course.lectures("en")])
def test_titles_of_boxes_are_not_too_small(name: str) -> None:
    small = {}
    for number, step in enumerate(read_lecture(course.HOME / "en" / f"{name}.md").steps, 1):
        for view, width in graphs(step):
            analysis, options = of_options(view.options).analysis({}), view.options
            fold = fold_of(analysis.graph)
            drawn = scene(fold.folded(fold.preset(options.get("level", "block"))), analysis.graph, options.get("direction", "TB"))
            size = TITLE * min((width - _BESIDE) / drawn.width, (int(options.get("height", "480")) - _BARS) / drawn.height)
            if size < _LEAST:
                small[number, options["name"]] = round(size, 1)
    assert small == {}
