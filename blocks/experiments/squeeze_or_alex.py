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
    numbers = {"params": fewer, "macs": squeeze.macs / alex.macs, "time": squeeze.times, "range": squeeze.range}
    return SqueezeTimes(rows, ClaimVerdict(fewer > 40 and squeeze.times > 4 / fewer, numbers))


EXPERIMENT = LiveExperiment(
    title={"en": "SqueezeNet against AlexNet", "zh": "SqueezeNet 对 AlexNet"},
    claim={
        "en": "SqueezeNet 1.0 has {params:.0f} times fewer parameters, {macs:.2f} times the MACs, and takes {time:.2f} ({range}) times as long as AlexNet.",
        "zh": "SqueezeNet 1.0 的参数量是 AlexNet 的 1/{params:.0f}，乘加次数是 {macs:.2f} 倍，用时是 {time:.2f}（{range}）倍。",
    },
    bound={
        "en": "confirmed if the time shrinks less than a quarter as much as the parameters",
        "zh": "时间缩小的倍数不到参数缩小倍数的四分之一才算得到验证",
    },
    run=run,
    options=(ExperimentOption("side", 224, {"en": "Side of the image", "zh": "图片边长"}, 96, 320, 32),),
    seconds=8,
)
