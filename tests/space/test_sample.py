"""Sampling, budgets and fronts: every variant is allowed where its knobs say so, seeds repeat, and the front is what brute force finds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.knobs import KnobError
from blocks.space.choose import front, within
from blocks.space.sample import SAMPLING_METHODS, Space, default_axes, sample_variants

SPACE = Space("mobilenet_v2", {"width_mult": (0.5, 1.5), "expansion": (2, 6), "kernel_size": None, "activation": None, "side": (96, 224)}, {"se_ratio": 4})


@pytest.mark.parametrize("how", SAMPLING_METHODS)
def test_a_sample_keeps_to_its_ranges_and_repeats_with_its_seed(how: str) -> None:
    drawn = sample_variants(SPACE, how, 150, seed=7)
    assert drawn == sample_variants(SPACE, how, 150, seed=7)
    assert drawn != sample_variants(SPACE, how, 150, seed=8)
    assert 120 < len(drawn) <= 150
    for v in drawn:
        assert 0.5 <= v.knobs["width_mult"] <= 1.5
        assert 2 <= v.knobs["expansion"] <= 6
        assert v.knobs["kernel_size"] % 2 == 1
        assert v.knobs["se_ratio"] == 4
        assert v.side in (96, 128, 160, 192, 224)
    assert len({(tuple(sorted(v.knobs.items())), v.side) for v in drawn}) == len(drawn)


def test_a_small_grid_is_complete() -> None:
    space = Space("mobilenet_v2", {"kernel_size": (3, 7), "side": (128, 192)})
    assert {(v.knobs["kernel_size"], v.side) for v in sample_variants(space, "grid", 100)} == {(k, s) for k in (3, 5, 7) for s in (128, 160, 192)}
    assert space.size() == 9


def test_sobol_covers_more_evenly_than_chance() -> None:
    space = Space("mobilenet_v2", {"width_mult": (0.25, 2.0)})
    for seed in range(3):
        counts = {
            how: np.bincount([round(20 * v.knobs["width_mult"]) for v in sample_variants(space, how, 36, seed)], minlength=41)[5:].astype(bool).sum()
            for how in ("sobol", "random")
        }
        assert counts["sobol"] > counts["random"]


def test_depths_have_a_dimension_a_stage() -> None:
    space = Space("resnet18", {"depths": (1, 3)})
    assert [d.name for d in space.dimensions()] == ["depths.1", "depths.2", "depths.3", "depths.4"]
    drawn = sample_variants(space, "grid", 200)
    assert len(drawn) == 3**4
    assert all(isinstance(v.knobs["depths"], tuple) and set(v.knobs["depths"]) <= {1, 2, 3} for v in drawn)


@pytest.mark.parametrize(("space", "how", "n", "rule"), [
    (SPACE, "magic", 5, "must be one of"),
    (SPACE, "grid", 0, "must lie between"),
    (SPACE, "grid", 10**6, "must lie between"),
    (Space("mobilenet_v2", {"colour": None}), "grid", 5, "nothing of this name"),
    (Space("mobilenet_v2", {"width_mult": (2, 1)}), "grid", 5, "must rise"),
])  # fmt: skip
def test_what_cannot_be_drawn_is_said(space: Space, how: str, n: int, rule: str) -> None:
    with pytest.raises(KnobError, match=rule):
        sample_variants(space, how, n)


def test_what_moves_at_first_is_what_the_network_has() -> None:
    assert default_axes("mobilenet_v2") == ["width_mult", "expansion", "kernel_size", "side"]
    assert "depth" in default_axes("vit_b_16")


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=40), st.booleans(), st.booleans())
def test_the_front_is_what_no_other_beats(points: list[tuple[int, int]], more_x: bool, more_y: bool) -> None:
    frame = pd.DataFrame(points, columns=["x", "y"])
    sx, sy = (-1 if more_x else 1), (-1 if more_y else 1)

    def beaten(i: int) -> bool:
        x, y = sx * points[i][0], sy * points[i][1]
        return any(sx * a <= x and sy * b <= y and (sx * a < x or sy * b < y) for a, b in points)

    found = front(frame, "x", "y", more_x=more_x, more_y=more_y)
    assert sorted(found) == [i for i in range(len(points)) if not beaten(i)]
    assert [points[i][0] for i in found] == sorted(points[i][0] for i in found)


def test_budgets_keep_what_is_at_most_that_much_and_known() -> None:
    frame = pd.DataFrame({"macs": [1.0, 2.0, 3.0, 4.0], "latency": [1.0, np.nan, 1.0, 1.0]})
    assert list(within(frame, {"macs": 3.0, "latency": 1.0})) == [True, False, True, False]
    assert within(frame, {}).all()
