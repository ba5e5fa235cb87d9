"""What predicts latency: FLOPs, bytes, parameters, number of operations and the roofline model, against published throughput."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from blocks import catalog
from blocks.language import translatable
from blocks.latency.roofline.efficiency_fit import conditions_of, left_out, median_error, rows_of

#: What is tried, with its words; "model" is the roofline model fitted on all other networks of the setup.
PREDICTORS: dict[str, str] = {
    "params": translatable("parameters"),
    "operations": translatable("number of operations"),
    "macs": "MACs",
    "flops": "FLOPs",
    "bytes": translatable("bytes moved"),
    "model": translatable("roofline model"),
}
DRAWS = 2000  # of the bootstrap


@dataclass(frozen=True)
class Predictors:
    """Of one setup. ``table`` has one row per network: what predicts, and ``seconds`` per image as published. ``ranks`` has Spearman's
    correlation of each predictor with the seconds, and its 95 % bootstrap interval over networks. ``error`` is the model's median error."""

    setup: str
    machine: str
    dtype: str
    table: pd.DataFrame
    ranks: pd.DataFrame
    error: float


@functools.lru_cache(maxsize=32)
def predictors(setup: str) -> Predictors:
    """How well each of :data:`PREDICTORS` orders the networks of a published setup by time; one figure a network, at the image size
    nearest to its preset's, each counted at its own image size and batch. Takes seconds the first time."""
    rows = rows_of(setup)
    table = rows.table.assign(seconds=rows.seconds, model=left_out(rows))
    away = [abs(side - catalog.input_shape(preset)[-1]) for preset, side in zip(table["preset"], table["image_size"], strict=True)]
    table = table.assign(away=away).sort_values(["preset", "away", "image_size"]).drop_duplicates("preset").drop(columns="away").reset_index(drop=True)
    found = [(name, *spearman_interval(table[name].to_numpy(float), table["seconds"].to_numpy(float))) for name in PREDICTORS]
    ranks = pd.DataFrame(found, columns=["predictor", "rho", "low", "high"])
    machine, dtype = conditions_of(setup)
    return Predictors(setup, machine.title, dtype, table, ranks, median_error(table["model"].to_numpy(), table["seconds"].to_numpy()))


def ranks_of(values: np.ndarray) -> np.ndarray:
    """Ranks along the last axis from 1, equal values sharing their mean."""
    below = (values[..., None, :] < values[..., :, None]).sum(-1)
    same = (values[..., None, :] == values[..., :, None]).sum(-1)
    return np.asarray(below + (same + 1) / 2)


def spearman(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Spearman's rank correlation along the last axis; nan where one side is constant."""
    a, b = (r - r.mean(-1, keepdims=True) for r in (ranks_of(x), ranks_of(y)))
    with np.errstate(invalid="ignore"):
        return np.asarray((a * b).sum(-1) / np.sqrt((a * a).sum(-1) * (b * b).sum(-1)))


def spearman_interval(x: np.ndarray, y: np.ndarray, draws: int = DRAWS, level: float = 0.95) -> tuple[float, float, float]:
    """The correlation and its percentile bootstrap interval, over pairs drawn with replacement (the same draws each time)."""
    chosen = np.random.default_rng(0).integers(0, len(x), (draws, len(x)))
    parts = [spearman(x[part], y[part]) for part in np.array_split(chosen, max(1, draws // 100))]
    low, high = np.nanquantile(np.concatenate(parts), [(1 - level) / 2, (1 + level) / 2])
    return float(spearman(x, y)), float(low), float(high)
