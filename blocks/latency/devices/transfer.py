"""From a few probes to every network of a table: a Gaussian process over the runs of known devices.

A new run's ratios to the mean of its probes are predicted from the ratios between the probes, their level and the run's settings. The kernel is a linear part
(what a regression would do) and a rational quadratic part (devices of one kind look alike). Runs that do not fit are given less weight, as under Student's t.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from blocks.latency.devices.tables import Population

LENGTH, NEAR, LINEAR, NOISE, LEVEL = 1.0, 0.4, 0.5, 0.1, 0.3
ROUNDS, FREEDOM, FLOOR = 6, 4.0, 0.02
#: Quantile of the normal distribution for an interval of 90 %.
Z90 = 1.6449


@dataclass(frozen=True)
class Transferred:
    """Logarithms of milliseconds of every network of the table on a new run: ``mean``, and ``covariance`` before calibration. What was probed is as measured."""

    mean: np.ndarray
    covariance: np.ndarray

    @property
    def sd(self) -> np.ndarray:
        """Standard deviations, network by network."""
        return np.sqrt(np.diag(self.covariance))


def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Covariance between runs that are described by the rows of ``a`` and ``b``."""
    squared = ((a[:, None] - b[None]) ** 2).sum(-1)
    return np.asarray(NEAR**2 / (1 + squared / (2 * LENGTH**2)) + LINEAR**2 * (a @ b.T))


def _described(probes: np.ndarray, context: np.ndarray, centre: float) -> np.ndarray:
    level = probes.mean(axis=1, keepdims=True)
    return np.hstack([probes - level, LEVEL * (level - centre), context])


def transfer(fleet: Population, probes: dict[int, float], context: np.ndarray) -> Transferred:
    """Every network's time on a run with these ``probes`` (logarithm by column), by what the runs of ``fleet`` show."""
    columns = sorted(probes)
    seen = ~np.isnan(fleet.times[:, columns]).any(axis=1)
    known, own = fleet.times[seen], np.array([[probes[c] for c in columns]])
    level = known[:, columns].mean(axis=1)
    a = _described(known[:, columns], fleet.context[seen], float(level.mean()))
    b = _described(own, context[None], float(level.mean()))
    whole, toward, alone = kernel(a, a), kernel(b, a)[0], float(kernel(b, b)[0, 0])
    mean, sd = np.zeros(len(fleet.columns)), np.zeros(len(fleet.columns))
    residuals = np.zeros(known.shape)
    for column in range(len(mean)):
        if column in probes:
            mean[column], sd[column] = probes[column], 1e-3
            continue
        rows = ~np.isnan(known[:, column])
        target = known[rows, column] - level[rows]
        found, spread, left = _predicted(whole[np.ix_(rows, rows)], toward[rows], alone, target)
        mean[column], sd[column] = found + own.mean(), spread
        residuals[rows, column] = left
    return Transferred(mean, _correlation(residuals, columns) * np.outer(sd, sd))


def _predicted(whole: np.ndarray, toward: np.ndarray, alone: float, target: np.ndarray) -> tuple[float, float, np.ndarray]:
    """Mean and spread at a new run, and what each known run is off when it is left out."""
    middle = float(np.median(target))
    centred, weights, scale = target - middle, np.ones(len(target)), NOISE
    inverse = np.zeros_like(whole)
    for _ in range(ROUNDS):
        inverse = np.linalg.inv(whole + np.diag(NOISE**2 / weights))
        off = centred - whole @ (inverse @ centred)
        scale = max(1.4826 * float(np.median(np.abs(off))), FLOOR)
        weights = (FREEDOM + 1) / (FREEDOM + (off / scale) ** 2)
    unsure = max(alone - float(toward @ inverse @ toward), 0.0)
    return middle + float(toward @ inverse @ centred), float(np.sqrt(unsure + scale**2)), (inverse @ centred) / np.diag(inverse)


def _correlation(residuals: np.ndarray, probed: list[int]) -> np.ndarray:
    """How what the probes leave open goes together between networks; robust by clipping, shrunk towards none."""
    scale = np.maximum(1.4826 * np.median(np.abs(residuals), axis=0), 1e-6)
    clipped = np.clip(residuals / scale, -3, 3)
    raw = clipped.T @ clipped / max(1, len(clipped))
    size = np.sqrt(np.maximum(np.diag(raw), 1e-9))
    found = 0.9 * raw / np.outer(size, size)
    found[probed], found[:, probed] = 0.0, 0.0
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)


def next_probe(found: Transferred, probed: set[int]) -> int | None:
    """The network whose time, once measured, is expected to take away most of the total variance of the others; None where all were measured."""
    open_ = [c for c in range(len(found.mean)) if c not in probed]
    gain = {c: float((found.covariance[c, open_] ** 2).sum() / found.covariance[c, c]) for c in open_}
    return max(gain, key=lambda c: gain[c]) if gain else None


def regression(fleet: Population, probes: dict[int, float]) -> np.ndarray:
    """The plain alternative: least squares of a network's logarithm on those of the probes, network by network."""
    columns = sorted(probes)
    made = np.full(len(fleet.columns), np.nan)
    for column in range(len(made)):
        rows = ~np.isnan(fleet.times[:, [*columns, column]]).any(axis=1)
        design = np.c_[np.ones(rows.sum()), fleet.times[rows][:, columns]]
        weights = np.linalg.lstsq(design, fleet.times[rows, column], rcond=None)[0]
        made[column] = weights @ np.array([1.0, *(probes[c] for c in columns)])
    return made
