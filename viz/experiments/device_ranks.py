"""The picture of blocks.experiments.device_ranks: a mark per published run, from the best ordered by FLOPs to the worst."""

from __future__ import annotations

from blocks.experiments.device_ranks import DeviceRanks
from viz.experiments.figure import show_figure
from viz.kit.charts import is_dark
from viz.kit.rank_chart import rank_chart
from viz.kit.screen import Screen


def draw(result: DeviceRanks, screen: Screen, key: str) -> None:
    """All runs, by where they compute."""
    show_figure(rank_chart(result.runs, "", is_dark()), screen, key)
