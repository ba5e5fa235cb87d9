"""Efficiencies fitted on published throughputs, openly: what is fitted on what, and how wrong it is on what was left out.

A network's time is linear in one unknown per group of operations: the reciprocal of the share of the roof that the group reaches.
They are found by least squares of the logarithms, within bounds; where the batch is 1 the overhead per operation is fitted too.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from blocks import reference
from blocks.analysis import Analysis, analyse
from blocks.latency.roofline.machines import GROUPS, Machine, machine_roofs
from blocks.latency.roofline.work import operation_costs

#: The newest eager setup of each GPU, on which its factors are fitted (compiled for the two processors: nothing else is published).
SETUPS: dict[str, str] = {
    "rtx3090": "amp-nchw-pt240-cu124-rtx3090",
    "rtx4090": "amp-nchw-pt291-cu128-4090",
    "rtx5090": "amp-nchw-pt291-cu130-5090",
    "rtxpro6000maxq": "amp-nchw-pt291-cu130-pro6000maxq",
    "i9_10940x": "fp32-nchw-pt240-cpu-i9_10940x-dynamo",
    "i7_12700h": "fp32-nchw-pt240-cpu-i7_12700h-dynamo",
}
#: A share of the roof lies between these: below, the model does not describe the operation; above 1, fusion and caches.
LOWEST, HIGHEST = 0.02, 2.0
_NAMES = {"rtx3090": "rtx3090", "rtx4090": "rtx4090", "4090": "rtx4090", "5090": "rtx5090", "pro6000maxq": "rtxpro6000maxq"}


def published_setups() -> list[str]:
    """Every published setup, as the table of throughputs names it."""
    return sorted(reference.all_throughput()["setup"].unique())


def conditions_of(setup: str) -> tuple[Machine, str]:
    """The machine and the dtype of a published setup."""
    name = next((m for word, m in _NAMES.items() if f"-{word}" in setup), "i9_10940x" if "i9_10940x" in setup else "i7_12700h")
    dtype = "float32" if setup.startswith("fp32") else "bfloat16" if "bf16" in setup.split("-")[0] else "float16"
    return machine_roofs()[name], dtype


@functools.lru_cache(maxsize=512)
def _analysed(preset: str, side: int, batch: int, dtype: str) -> Analysis:
    return analyse(preset, (batch, 3, side, side), dtype=dtype)


def seconds_by_group(analysis: Analysis, machine: Machine, dtype: str) -> np.ndarray:
    """Seconds at the roof by group, in the order of GROUPS, and the number of operations last."""
    sums = dict.fromkeys([*GROUPS, "count"], 0.0)
    for work in operation_costs(analysis.graph):
        sums[work.group] += max(work.roof(machine, dtype))
        sums["count"] += 1
    return np.array(list(sums.values()))


@dataclass(frozen=True)
class FitRows:
    """Published throughputs as a linear problem. ``table`` has one row per figure; ``roofs`` its seconds per image by group; ``seconds`` the measured seconds per image."""

    table: pd.DataFrame
    roofs: np.ndarray
    seconds: np.ndarray

    def where(self, keep: np.ndarray) -> FitRows:
        """The rows that ``keep`` marks."""
        return FitRows(self.table[keep], self.roofs[keep], self.seconds[keep])


@functools.lru_cache(maxsize=64)
def rows_of(setup: str) -> FitRows:
    """All figures of a setup, each analysed at its own image size and batch. Takes seconds the first time."""
    machine, dtype = conditions_of(setup)
    found = reference.all_throughput()
    table = found[found["setup"] == setup].reset_index(drop=True)
    asked = zip(table["preset"].tolist(), table["image_size"].tolist(), table["batch_size"].tolist(), strict=True)
    analyses = [_analysed(preset, int(side), int(batch), dtype) for preset, side, batch in asked]
    batches = table["batch_size"].to_numpy(dtype=float)
    roofs = np.array([seconds_by_group(a, machine, dtype) for a in analyses]) / batches[:, None]
    table = table.assign(
        flops=[a.flops for a in analyses] / batches, macs=[a.macs for a in analyses] / batches, bytes=[a.bytes_moved for a in analyses] / batches,
        params=[a.params for a in analyses], operations=[sum(1 for _ in operation_costs(a.graph)) for a in analyses], machine=machine.name,
    )  # fmt: skip
    return FitRows(table, roofs, 1.0 / table["images_per_second"].to_numpy(dtype=float))


def bounded_least_squares(a: np.ndarray, b: np.ndarray, low: np.ndarray, high: np.ndarray, start: np.ndarray) -> np.ndarray:
    """x within [low, high] that minimises |a x - b|², by solving for one coordinate after the other from ``start`` until nothing moves."""
    gram, right, lows, highs = (m.tolist() for m in (a.T @ a, a.T @ b, low, high))
    x = np.clip(start, low, high).tolist()
    places = [j for j in range(len(x)) if gram[j][j] > 0]
    for _ in range(5000):
        moved = 0.0
        for j in places:
            row = gram[j]
            wanted = x[j] + (right[j] - sum(g * v for g, v in zip(row, x, strict=True))) / row[j]
            wanted = min(max(wanted, lows[j]), highs[j])
            moved, x[j] = max(moved, abs(wanted - x[j])), wanted
        if moved < 1e-7:
            break
    return np.array(x)


def fit(roofs: np.ndarray, seconds: np.ndarray, overhead: bool = False) -> np.ndarray:
    """Reciprocal efficiencies by group, and last the overhead in seconds per operation, that predict ``seconds`` best in the logarithm.

    Without ``overhead`` that is 0: large batches hide it.
    """
    low = np.array([1 / HIGHEST] * len(GROUPS) + [0.0])
    high = np.array([1 / LOWEST] * len(GROUPS) + [1e-3 if overhead else 0.0])
    scale = np.array([1.0] * len(GROUPS) + [1e-5])  # overheads are in units of 10 µs, to be of the size of the others
    x = np.ones(len(low))
    weights = np.ones(len(seconds))
    for _ in range(12):  # weights that turn squared relative errors into squared logarithms
        x = bounded_least_squares(roofs * scale / seconds[:, None] * weights[:, None], weights, low / scale, high / scale, x / scale) * scale
        ratio = np.maximum(roofs @ x / seconds, 1e-9)
        off = np.abs(ratio - 1) > 1e-6
        weights = np.where(off, np.abs(np.log(ratio)) / np.where(off, np.abs(ratio - 1), 1), 1)
    return x


def _has_overhead(rows: FitRows) -> bool:
    return bool((rows.table["batch_size"] == 1).all())


def left_out(rows: FitRows) -> np.ndarray:
    """Predicted seconds a picture of each row, by a fit on the rows of all other networks."""
    made = np.zeros(len(rows.seconds))
    values = rows.table["preset"].to_numpy()
    for value in dict.fromkeys(values):
        out = values == value
        made[out] = rows.roofs[out] @ fit(rows.roofs[~out], rows.seconds[~out], _has_overhead(rows))
    return made


def gpus() -> dict[str, FitRows]:
    """The eager figures of each GPU."""
    return {name: rows_of(setup) for name, setup in SETUPS.items() if machine_roofs()[name].kind == "gpu"}


def pooled(parts: Sequence[FitRows]) -> np.ndarray:
    """Factors for a GPU without figures: the geometric means of those fitted on each of ``parts``."""
    return np.append(np.exp(np.mean([np.log(fit(p.roofs, p.seconds)[:-1]) for p in parts], axis=0)), 0.0)


def error_of_pooled() -> float:
    """Median error on a GPU that was left out, over all of them."""
    parts = gpus()
    made = [np.abs(r.roofs @ pooled([q for other, q in parts.items() if other != name]) / r.seconds - 1) for name, r in parts.items()]
    return float(np.median(np.concatenate(made)))


def median_error(predicted: Sequence[float] | np.ndarray, measured: Sequence[float] | np.ndarray) -> float:
    """Median of |predicted / measured - 1|."""
    return float(np.median(np.abs(np.asarray(predicted) / np.asarray(measured) - 1)))


def fitted_table() -> pd.DataFrame:
    """What blocks/reference/efficiency.csv holds: factors by machine and group, with the error of what was left out of the fit."""
    made: list[dict[str, object]] = []
    for name, setup in SETUPS.items():
        rows = rows_of(setup)
        error = median_error(left_out(rows), rows.seconds)
        made += _block(name, setup, [rows], fit(rows.roofs, rows.seconds, _has_overhead(rows)), error)
    parts = gpus()
    return pd.DataFrame(made + _block("pooled", f"eager, amp: {', '.join(parts)}", list(parts.values()), pooled(list(parts.values())), error_of_pooled()))


def _block(name: str, setup: str, parts: list[FitRows], x: np.ndarray, error: float) -> list[dict[str, object]]:
    table = pd.concat([p.table for p in parts])
    batches = table["batch_size"].astype(int)
    dtype = "float32" if setup.startswith("fp32") else "float16"
    common = {
        "machine": name,
        "setup": setup,
        "dtype": dtype,
        "batch_low": batches.min(),
        "batch_high": batches.max(),
        "rows": len(table),
        "networks": table["preset"].nunique(),
        "error": round(error, 4),
    }
    factors = {g: round(1 / v, 4) for g, v in zip(GROUPS, x, strict=False)}
    if all(map(_has_overhead, parts)):
        factors["overhead"] = round(float(x[-1]), 9)
    return [common | {"group": g, "factor": f} for g, f in factors.items()]
