"""FLOPs are not latency, on every published device: how well a network's FLOPs order the times of a run."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from blocks import analyse, catalog
from blocks.latency.devices.tables import TableNetwork, population
from blocks.latency.roofline.predictors import spearman


@functools.cache
def flops_of(network: TableNetwork) -> int:
    """FLOPs of one picture through a network of a table, at the table's picture size."""
    batch, channels, *sides = catalog.input_shape(network.preset)
    given: dict[str, Any] = {"image_size": network.side} if network.side and any(k.name == "image_size" for k in catalog.knobs(network.preset)) else {}
    found = analyse(network.preset, (batch, channels, *(network.side or side for side in sides)), **given)
    return int(found.flops) // batch


@functools.cache
def flop_ranks(table: str) -> pd.DataFrame:
    """Spearman's rank correlation ``rho`` of FLOPs with published time for every run of a table, on its ``unit`` ("CPU", "GPU" or "NPU"), over as many ``networks`` as the run has; 8-bit versions of networks are left out."""
    fleet = population(table)
    columns = [i for i, c in enumerate(fleet.columns) if c.precision != "int8"]
    flops = np.array([flops_of(fleet.columns[i]) for i in columns], dtype=float)
    times = fleet.times[:, columns]
    seen = ~np.isnan(times)
    rho = [float(spearman(flops[known], row[known])) for row, known in zip(times, seen, strict=True)]
    unit = fleet.settings["gpu"].map({"yes": "GPU", "no": "CPU"}) if table == "ncnn" else fleet.settings["unit"]
    said = fleet.settings.apply(lambda row: ", ".join(f"{k}={v}" for k, v in row.items()), axis=1)
    return pd.DataFrame({"device": fleet.devices, "settings": said, "unit": unit, "rho": rho, "networks": seen.sum(axis=1)})


@dataclass(frozen=True)
class Inversion:
    """Two networks of a table: ``more`` has ``times`` as many FLOPs as ``fewer``, and took less time in ``share`` of the ``runs`` that have both."""

    more: str
    fewer: str
    times: float
    share: float
    runs: int


def worst_inversion(table: str, least: float = 1.3) -> Inversion:
    """Of all pairs of which one network has at least ``least`` times the FLOPs of the other, the one whose FLOPs mislead in the largest share of runs; pairs that fewer than half of the runs have are left out."""
    fleet = population(table)
    columns = [i for i, c in enumerate(fleet.columns) if c.precision != "int8"]
    flops, times = {i: flops_of(fleet.columns[i]) for i in columns}, fleet.times
    found: list[Inversion] = []
    for a, b in ((a, b) for a in columns for b in columns if flops[a] >= least * flops[b]):
        both = ~np.isnan(times[:, a] + times[:, b])
        if both.mean() >= 0.5:
            share = float((times[both, a] < times[both, b]).mean())
            found.append(Inversion(fleet.columns[a].name, fleet.columns[b].name, flops[a] / flops[b], share, int(both.sum())))
    return max(found, key=lambda pair: pair.share)
