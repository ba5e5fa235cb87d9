"""One large kernel against a stack of 3x3 of the same receptive field: weights, FLOPs and time.

Source of the question: arXiv 1409.1556 (VGG), section 2.3, for the weights; arXiv 1904.09730 (VoVNet), section 3, for the time.
Only the exact part is claimed; the times are measured here and shown beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

from blocks.experiments.base import ClaimVerdict, ExperimentOption, LiveExperiment, RunProgress
from blocks.experiments.timed import Timed, TimedNetwork, time_networks


@dataclass(frozen=True)
class Kernels:
    """One 7x7, three 3x3, one 5x5, two 3x3, in this order; ``verdict``."""

    rows: list[Timed]
    verdict: ClaimVerdict


def kernel_stacks(channels: int, side: int) -> list[TimedNetwork]:
    """The four stacks, without norm and pool, all from ``channels`` to as many channels."""
    shape = (1, channels, side, side)
    stacks = (("7×7", 7, 1), ("3 · 3×3", 3, 3), ("5×5", 5, 1), ("2 · 3×3", 3, 2))
    return [
        TimedNetwork(label, "vgg_stage", shape, {"c_in": channels, "c_out": channels, "kernel_size": k, "repeats": n, "pool": False}) for label, k, n in stacks
    ]


def run(watch: RunProgress, *, channels: int = 64, side: int = 28) -> Kernels:
    """Count and time the four."""
    rows = time_networks(watch, kernel_stacks(channels, side), seconds=5)
    large, small, five, two = rows
    saved = small.macs / large.macs
    same_fields = large.field == small.field == 7 and five.field == two.field == 5
    numbers = {"macs": saved, "time": small.times_text}
    return Kernels(rows, ClaimVerdict(same_fields and abs(saved - 27 / 49) < 1e-9, numbers))


EXPERIMENT = LiveExperiment(
    title="One large kernel against a stack of small ones",
    claim="Three 3×3 convolutions have the receptive field of one 7×7 and {macs:.3f} times its MACs; here they take {time} times as long.",
    bound="confirmed if the receptive fields are equal and the MACs are 27/49",
    run=run,
    options=(
        ExperimentOption("channels", 64, "Channels", 8, 256, 8),
        ExperimentOption("side", 28, "Side of the map", 7, 112, 7),
    ),
    seconds=7,
)
