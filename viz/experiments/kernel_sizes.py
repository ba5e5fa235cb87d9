"""The picture of blocks.experiments.kernel_sizes: counts and times side by side."""

from __future__ import annotations

from blocks.experiments.kernel_sizes import Kernels
from viz.experiments.timed import draw_timed
from viz.kit.screen import Screen


def draw(result: Kernels, screen: Screen, key: str) -> None:
    """Bars relative to the first, and the figures."""
    draw_timed(result.rows, screen, key)
