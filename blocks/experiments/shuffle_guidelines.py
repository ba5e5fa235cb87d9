"""ShuffleNet v2's four guidelines: at equal MACs, what costs time that FLOPs do not show.

Source: arXiv 1807.11164, section 2 (G1 to G4). Each guideline compares a pair of the catalog's blocks whose MACs are
equal; the second of a pair breaks the guideline.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from blocks.experiments.base import ClaimVerdict, ExperimentOption, LiveExperiment, RunProgress
from blocks.experiments.timed import Timed, TimedNetwork, time_networks

GUIDELINES = ("G1", "G2", "G3", "G4")


@dataclass(frozen=True)
class GuidelineTimes:
    """The block that keeps ``guideline``, and the one that breaks it; ``verdict``."""

    guideline: str
    rows: list[Timed]
    verdict: ClaimVerdict


def _pointwise(label: str, c_in: int, c_out: int, groups: int, side: int) -> TimedNetwork:
    knobs: dict[str, Any] = {"c_in": c_in, "c_out": c_out, "kernel_size": 1, "groups": groups, "alpha_in": 0.0, "alpha_out": 0.0}
    return TimedNetwork(label, "octave_conv", (1, c_in, side, side), knobs)


def guideline_pair(guideline: str) -> tuple[TimedNetwork, TimedNetwork]:
    """The keeper and the breaker."""
    if guideline == "G1":
        return _pointwise("1 : 1", 128, 128, 1, 56), _pointwise("16 : 1", 512, 32, 1, 56)
    if guideline == "G2":
        return _pointwise("g = 1", 128, 128, 1, 56), _pointwise("g = 16", 512, 512, 16, 56)
    if guideline == "G3":
        shared: dict[str, Any] = {"c_in": 256, "c_out": 256, "cardinality": 32, "width_per_group": 4}
        return TimedNetwork("1", "resnext_grouped", (1, 256, 14, 14), shared), TimedNetwork("32", "resnext_paths", (1, 256, 14, 14), shared)
    plain: dict[str, Any] = {"c_in": 64, "c_out": 64, "norm": "none", "kernel_size": 1}
    bare = TimedNetwork("–", "plain_block", (1, 64, 56, 56), {**plain, "activation": "identity"})
    return bare, TimedNetwork("ReLU +", "basic_block", (1, 64, 56, 56), {**plain, "c_mid": 64, "activation": "relu"})


def run(watch: RunProgress, *, guideline: str = "G3") -> GuidelineTimes:
    """Count and time the pair."""
    rows = time_networks(watch, guideline_pair(guideline), seconds=4)
    keeper, breaker = rows
    equal = breaker.macs == keeper.macs
    numbers = {"guideline": guideline, "time": breaker.times_text, "bytes": breaker.bytes / keeper.bytes}
    return GuidelineTimes(guideline, rows, ClaimVerdict(equal and breaker.slower, numbers))


EXPERIMENT = LiveExperiment(
    title="Four guidelines, at equal MACs",
    claim="{guideline}: the block that breaks it has the same MACs, moves {bytes:.2f} times the bytes and takes {time} times as long.",
    bound="confirmed if the MACs are equal and the interval lies above 1",
    run=run,
    options=(ExperimentOption("guideline", "G3", "Guideline", values=GUIDELINES),),
    seconds=6,
)
