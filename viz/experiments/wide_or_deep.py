"""The picture of blocks.experiments.wide_or_deep: counts and times side by side."""

from __future__ import annotations

from blocks.experiments.wide_or_deep import Budget
from viz.experiments.timed import draw_timed
from viz.kit.screen import Screen


def draw(result: Budget, screen: Screen, key: str) -> None:
    """Bars relative to the first, and the figures."""
    draw_timed(result.rows, screen, key)
