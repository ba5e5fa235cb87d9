"""The shift operation has no parameters and no FLOPs, but still takes time.

Source: arXiv 1711.08141 (Shift), section 3.1; arXiv 1807.11164, section 2, on what FLOPs leave out.
"""

from __future__ import annotations

from dataclasses import dataclass

from blocks.experiments.base import ClaimVerdict, ExperimentOption, LiveExperiment, RunProgress
from blocks.experiments.timed import Timed, TimedNetwork, time_networks


@dataclass(frozen=True)
class ShiftTimes:
    """A depthwise 3x3, the shift, and a 1x1 of as many channels; ``verdict``."""

    rows: list[Timed]
    verdict: ClaimVerdict


def shift_operations(channels: int, side: int) -> list[TimedNetwork]:
    """The three operations on one feature map."""
    shape = (1, channels, side, side)
    flat = {"c_in": channels, "c_out": channels, "alpha_in": 0.0, "alpha_out": 0.0}
    return [
        TimedNetwork("depthwise 3×3", "octave_conv", shape, {**flat, "kernel_size": 3, "groups": channels}),
        TimedNetwork("shift", "shift", shape),
        TimedNetwork("1×1", "octave_conv", shape, {**flat, "kernel_size": 1}),
    ]


def run(watch: RunProgress, *, channels: int = 64, side: int = 56) -> ShiftTimes:
    """Count and time the three."""
    rows = time_networks(watch, shift_operations(channels, side), seconds=4)
    depthwise, shift, _ = rows
    free = shift.params == 0 and shift.macs == 0 and shift.flops == 0
    numbers = {"time": shift.times_text, "bytes": shift.bytes / depthwise.bytes}
    return ShiftTimes(rows, ClaimVerdict(free and shift.times > 0.1, numbers))


EXPERIMENT = LiveExperiment(
    title="The time of an operation without FLOPs",
    claim="Shift: no parameters and no FLOPs, but {bytes:.2f} times the bytes and {time} times the time of a depthwise 3×3.",
    bound="confirmed if it takes more than a tenth of the depthwise convolution's time",
    run=run,
    options=(
        ExperimentOption("channels", 64, "Channels", 16, 256, 16),
        ExperimentOption("side", 56, "Side of the map", 14, 112, 14),
    ),
    seconds=6,
)
