"""Budgets and fronts, against the definition."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from blocks.space.choose import front, within

POINTS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12)


@given(POINTS)
def test_no_point_of_the_front_is_beaten_and_every_other_is(points: list[tuple[int, int]]) -> None:
    frame = pd.DataFrame(points, columns=["cost", "gain"], index=[10 * i for i in range(len(points))])
    kept = set(front(frame, "cost", "gain"))
    for i, (x, y) in zip(frame.index, points, strict=True):
        beaten = any(a <= x and b >= y and (a, b) != (x, y) for a, b in points)
        assert (i in kept) is not beaten


def test_rows_without_a_value_keep_to_no_budget() -> None:
    frame = pd.DataFrame({"macs": [1.0, 5.0, np.nan], "params": [9.0, 1.0, 1.0]})
    assert within(frame, {"macs": 5.0, "params": 5.0}).tolist() == [False, True, False]
    assert within(frame, {}).tolist() == [True] * 3
