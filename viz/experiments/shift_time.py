"""The picture of blocks.experiments.shift_time: counts and times side by side."""

from __future__ import annotations

from blocks.experiments.shift_time import ShiftTimes
from blocks.language import tr
from viz.experiments.timed import draw_timed
from viz.kit.screen import Screen


def draw(result: ShiftTimes, screen: Screen, key: str) -> None:
    """Bars relative to the depthwise convolution, and the figures."""
    draw_timed(result.rows, screen, key, labels=(tr("depthwise 3×3"), tr("shift"), "1×1"))
