"""SqueezeNet against AlexNet: a fiftieth of the parameters is not a fiftieth of the work, of the bytes or of the time.

Source: arXiv 1602.07360 (SqueezeNet), table 2; the question of its energy: arXiv 1611.05128, section 5.
"""

from __future__ import annotations

from dataclasses import dataclass

from blocks.experiments.base import ClaimVerdict, ExperimentOption, LiveExperiment, RunProgress
from blocks.experiments.timed import Timed, TimedNetwork, time_networks


@dataclass(frozen=True)
class SqueezeTimes:
    """AlexNet, SqueezeNet 1.0, SqueezeNet 1.1; ``verdict``."""

    rows: list[Timed]
    verdict: ClaimVerdict


def run(watch: RunProgress, *, side: int = 224) -> SqueezeTimes:
    """Count and time the three on a picture of ``side``."""
    shape = (1, 3, side, side)
    rows = time_networks(
        watch,
        [
            TimedNetwork("AlexNet", "alexnet", shape),
            TimedNetwork("SqueezeNet 1.0", "squeezenet1_0", shape),
            TimedNetwork("SqueezeNet 1.1", "squeezenet1_1", shape),
        ],
        seconds=6,
    )
    alex, squeeze = rows[:2]
    fewer = alex.params / squeeze.params
    numbers = {"params": fewer, "macs": squeeze.macs / alex.macs, "time": squeeze.times_text}
    return SqueezeTimes(rows, ClaimVerdict(fewer > 40 and squeeze.times > 4 / fewer, numbers))


EXPERIMENT = LiveExperiment(
    title="SqueezeNet against AlexNet",
    claim="SqueezeNet 1.0 has 1/{params:.0f} of AlexNet's parameters and {macs:.2f} times its MACs; it takes {time} times as long.",
    bound="confirmed if the time shrinks less than a quarter as much as the parameters",
    run=run,
    options=(ExperimentOption("side", 224, "Side of the image", 96, 320, 32),),
    seconds=8,
)
