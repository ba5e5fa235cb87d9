"""The fit of efficiencies: made-up rows give back the shares that they were made with."""

from __future__ import annotations

import numpy as np
import pytest

from blocks.latency.roofline.efficiency_fit import HIGHEST, LOWEST, bounded_least_squares, conditions_of, fit, median_error, published_setups
from blocks.latency.roofline.machines import GROUPS


def test_exact_rows_give_back_their_shares() -> None:
    rng = np.random.default_rng(3)
    shares = rng.uniform(0.1, 0.9, len(GROUPS))
    roofs = np.append(rng.uniform(1e-3, 1e-2, (60, len(GROUPS))), rng.integers(50, 200, (60, 1)), axis=1)
    seconds = roofs[:, :-1] @ (1 / shares) + 2e-6 * roofs[:, -1]
    found = fit(roofs, seconds, overhead=True)
    assert 1 / found[:-1] == pytest.approx(shares, rel=1e-2)
    assert found[-1] == pytest.approx(2e-6, rel=0.2)


def test_shares_stay_in_their_bounds() -> None:
    roofs = np.append(np.full((3, len(GROUPS)), 1.0), np.zeros((3, 1)), axis=1)
    for seconds in (np.full(3, 1e-6), np.full(3, 1e6)):
        assert np.all((1 / fit(roofs, seconds)[:-1] >= LOWEST - 1e-9) & (1 / fit(roofs, seconds)[:-1] <= HIGHEST + 1e-9))


def test_least_squares_inside_of_the_bounds_are_numpys() -> None:
    rng = np.random.default_rng(5)
    a, b = rng.random((9, 3)), rng.random(9)
    free = bounded_least_squares(a, b, np.full(3, -99.0), np.full(3, 99.0), np.zeros(3))
    assert free == pytest.approx(np.linalg.lstsq(a, b)[0], abs=1e-4)


def test_every_published_setup_has_a_machine_and_a_type() -> None:
    for setup in published_setups():
        machine, dtype = conditions_of(setup)
        assert dtype in machine.peaks
    assert median_error([1.0, 2.2, 3.0], [1.0, 2.0, 4.0]) == pytest.approx(0.1)
