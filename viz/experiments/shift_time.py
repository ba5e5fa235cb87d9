"""The picture of blocks.experiments.shift_time: counts and times side by side."""

from __future__ import annotations

from blocks.experiments.shift_time import ShiftTimes
from viz.experiments.timed import draw_timed
from viz.kit.screen import Screen

_LABELS = {"en": ("depthwise 3×3", "shift", "1×1"), "zh": ("深度卷积 3×3", "移位", "1×1")}


def draw(result: ShiftTimes, screen: Screen, key: str) -> None:
    """Bars relative to the depthwise convolution, and the figures."""
    draw_timed(result.rows, screen, key, labels=_LABELS[screen.language])
