"""FLOPs are not latency, on a hundred devices: the rank correlation of FLOPs with published time, run by run, and the pair of networks that they mislead about most often.

Sources: the benchmark table of github.com/Tencent/ncnn and perf.yaml of github.com/quic/ai-hub-models, both BSD-3-Clause (docs/devices.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from blocks.experiments.base import ClaimVerdict, ExperimentOption, LiveExperiment, RunProgress
from blocks.latency.devices.flop_ranks import flop_ranks, flops_of, worst_inversion
from blocks.latency.devices.tables import population


@dataclass(frozen=True)
class DeviceRanks:
    """A row per published run: device, settings, unit, ``rho``, networks; ``verdict``."""

    runs: pd.DataFrame
    verdict: ClaimVerdict


def run(watch: RunProgress, *, table: str = "ncnn") -> DeviceRanks:
    """The runs of a published ``table``; the networks are traced for their FLOPs, nothing is timed."""
    columns = population(table).columns
    for i, network in enumerate(columns):
        watch.tick(i / len(columns))
        flops_of(network)
    runs, pair = flop_ranks(table), worst_inversion(table)
    numbers = {
        "rho": float(runs["rho"].median()), "runs": len(runs), "least": float(runs["rho"].min()), "more": pair.more, "times": pair.times, "fewer": pair.fewer, "share": pair.share,
    }  # fmt: skip
    return DeviceRanks(runs, ClaimVerdict(pair.share > 0.5, numbers))


EXPERIMENT = LiveExperiment(
    title="FLOPs and time on published devices",
    claim="FLOPs order the networks of {runs} runs with a rank correlation of {rho:.2f} in the median, {least:.2f} at the least. "
    "{more} has {times:.1f} times the FLOPs of {fewer} and is faster on {share:.0%} of the runs.",
    bound="confirmed if some network with at least 1.3 times the FLOPs of another is faster on most runs",
    run=run,
    options=(
        ExperimentOption("table", "ncnn", "Devices", values=("ncnn", "qualcomm"), titles={"ncnn": "ncnn: CPU, Vulkan", "qualcomm": "Qualcomm: NPU, CPU"}),
    ),
    seconds=3,
)
