"""Memory access of a 1x1 convolution at constant MACs: least where it has as many channels in as out.

Source: arXiv 1807.11164 (ShuffleNet v2), guideline 1, equation 1; arXiv 1904.09730 (VoVNet), section 3.1. The bytes are those of the
trace: input and weights read, output written.
"""

from __future__ import annotations

from dataclasses import dataclass

from blocks import analyse
from blocks.experiments.base import ClaimVerdict, ExperimentOption, LiveExperiment, RunProgress

MAP_SIDE = 56
#: C_in over C_out, as powers of two.
POWERS = tuple(range(-4, 5))


@dataclass(frozen=True)
class Access:
    """A point for each ratio of channels: ``ratio`` C_in/C_out, ``channels`` (C_in, C_out), ``bytes`` moved, ``macs``; ``verdict``."""

    ratio: list[float]
    channels: list[tuple[int, int]]
    bytes: list[int]
    macs: list[int]
    verdict: ClaimVerdict


def run(watch: RunProgress, *, budget: int = 128) -> Access:
    """1x1 convolutions of ``budget``² MACs a position; ``budget`` is the width at which C_in = C_out."""
    ratios, channels, moved, macs = [], [], [], []
    for i, power in enumerate(POWERS):
        c_in, c_out = _channels(budget, power)
        a = analyse("standard_convolution", (1, c_in, MAP_SIDE, MAP_SIDE), c_in=c_in, c_out=c_out, kernel_size=1, norm=False, activation="identity")
        ratios.append(c_in / c_out)
        channels.append((c_in, c_out))
        moved.append(a.bytes_moved)
        macs.append(a.macs)
        watch.tick((i + 1) / len(POWERS))
    least = moved.index(min(moved))
    most = max(moved) / min(moved)
    holds = len(set(macs)) == 1 and ratios[least] == 1
    return Access(ratios, channels, moved, macs, ClaimVerdict(holds, {"ratio": ratios[least], "most": most}))


def _channels(budget: int, power: int) -> tuple[int, int]:
    """Channels in and out whose product is budget² and whose ratio is 2^power, or the one of 4^(power/2) next to it."""
    half = 2 ** (abs(power) / 2)
    large, small = round(budget * half), round(budget / half)
    if large * small != budget * budget:  # an odd power: whole numbers need the next even one
        half = 2 ** ((abs(power) + 1) // 2)
        large, small = budget * half, budget // half
    return (large, small) if power > 0 else (small, large)


EXPERIMENT = LiveExperiment(
    title="Memory access at equal MACs",
    claim="At equal MACs, the fewest bytes are moved at C_in/C_out = {ratio:g}; the most uneven layer here moves {most:.2f} times as many.",
    bound="confirmed if all MACs are equal and the minimum is at a ratio of 1",
    run=run,
    options=(ExperimentOption("budget", 128, "Width at C_in = C_out", values=(64, 128, 256, 512)),),
    seconds=1,
)
