"""The spread between processes: the interval is that of their medians, or reaches over all where there are too few."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.latency.measure.process_spread import combine


def part(median: float) -> dict[str, Any]:
    return {
        "median": median, "low": 0.9 * median, "high": 1.1 * median, "n": 7, "n_eff": 5.0, "minimum": 0.5 * median, "maximum": 3 * median, "samples": [median],
        "converged": True, "warmup": 2, "settled": True, "discarded": 1, "disturbed": 1, "joules_per_image": 2 * median, "remarks": [],
    }  # fmt: skip


@given(st.lists(st.floats(1e-4, 1.0), min_size=2, max_size=9))
def test_the_interval_holds_the_median_of_the_medians(medians: list[float]) -> None:
    found = combine([part(m) for m in medians])
    assert found["low"] <= found["median"] <= found["high"]
    if len(medians) < 6:
        assert (found["low"], found["high"]) == (pytest.approx(0.9 * min(medians)), pytest.approx(1.1 * max(medians)))
    else:
        assert min(medians) <= found["low"] <= found["high"] <= max(medians)
    assert (found["n"], found["discarded"]) == (7 * len(medians), len(medians))
    assert found["process_medians"] == medians
