"""One graph as one picture: ``figure_svg(analysis)``, for lectures, reports and files."""

from __future__ import annotations

from blocks.analysis import Analysis
from viz.graph.fold import FOLD_LEVELS, fold_of
from viz.graph.scene import scene
from viz.graph.svg import standalone_svg


def figure_svg(analysis: Analysis, level: str = "block", direction: str = "TB", dark: bool = False) -> str:
    """The graph at ``level`` ("stage", "block" or "operation") as a self-contained SVG file.

    Raises ValueError for another level or a direction other than "TB" and "LR", and
    :class:`~viz.graph.fold.TooManyBoxes` (a ValueError too) where nobody could read the picture.
    """
    if level not in FOLD_LEVELS:
        raise ValueError(f"level = {level!r}: must be one of {', '.join(FOLD_LEVELS)}")
    fold = fold_of(analysis.graph)
    return standalone_svg(scene(fold.folded(fold.preset(level)), analysis.graph, direction), dark)
