"""Choosing among counted variants: budgets, and the Pareto front of two figures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd


def within(frame: pd.DataFrame, budgets: Mapping[str, float]) -> pd.Series:
    """Which rows keep to every budget (the most that a column may be); a row without a value for one does not."""
    fine = pd.Series(True, index=frame.index)
    for column, most in budgets.items():
        fine &= frame[column].le(most).fillna(False)
    return fine


def front(frame: pd.DataFrame, x: str, y: str, *, more_x: bool = False, more_y: bool = True) -> list[int]:
    """Index of the rows that no other row beats: none is at least as good in both columns and better in one. Sorted by ``x``.

    ``more_x`` and ``more_y`` say whether more is better. Rows without a value are left out; of equal rows all stay.
    """
    known = frame[[x, y]].dropna()
    if known.empty:
        return []
    xs = known[x].to_numpy(dtype=float) * (-1 if more_x else 1)
    ys = known[y].to_numpy(dtype=float) * (-1 if more_y else 1)
    order = np.lexsort((ys, xs))
    best = np.inf
    kept: list[int] = []
    last: tuple[float, float] | None = None
    for i in order:
        if ys[i] < best or (xs[i], ys[i]) == last:
            kept.append(int(i))
            best = min(best, ys[i])
            last = (xs[i], ys[i])
    kept.sort(key=lambda i: -xs[i] if more_x else xs[i])
    return [int(known.index[i]) for i in kept]
