"""The picture of blocks.experiments.squeeze_or_alex: counts and times side by side."""

from __future__ import annotations

from blocks.experiments.squeeze_or_alex import SqueezeTimes
from viz.experiments.timed import draw_timed
from viz.kit.screen import Screen


def draw(result: SqueezeTimes, screen: Screen, key: str) -> None:
    """Bars relative to the first, and the figures."""
    draw_timed(result.rows, screen, key, log=True)
