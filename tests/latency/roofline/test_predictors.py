"""Rank correlation against its textbook formula and pandas, the bootstrap against known cases, and the chart's data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from blocks import catalog, reference
from blocks.latency.roofline import predictors as p


def test_ranks_share_ties() -> None:
    assert p.ranks_of(np.array([30.0, 10.0, 20.0, 10.0])).tolist() == [4.0, 1.5, 3.0, 1.5]


def test_without_ties_it_is_the_formula_of_squared_differences() -> None:
    x, y = np.array([3.0, 1.0, 4.0, 1.5, 9.0, 2.6]), np.array([2.0, 7.0, 1.0, 8.0, 2.8, 1.8])
    d = pd.Series(x).rank() - pd.Series(y).rank()
    assert p.spearman(x, y) == pytest.approx(1 - 6 * (d**2).sum() / (6 * 35))


def test_with_ties_it_is_pearson_of_ranks() -> None:
    random = np.random.default_rng(3)
    x, y = random.integers(0, 5, 41).astype(float), random.integers(0, 7, 41).astype(float)
    assert p.spearman(x, y) == pytest.approx(pd.Series(x).rank().corr(pd.Series(y).rank()))


def test_any_monotone_relation_is_one_and_its_interval_too() -> None:
    x = np.arange(1.0, 21.0)
    assert p.spearman_interval(x, np.exp(x)) == pytest.approx((1, 1, 1))
    assert p.spearman_interval(x, -(x**3)) == pytest.approx((-1, -1, -1))


def test_the_interval_covers_what_is_known() -> None:
    """For normal pairs with correlation r, Spearman's is 6/pi asin(r/2)."""
    r, inside = 0.7, 0
    truth = 6 / np.pi * np.arcsin(r / 2)
    random = np.random.default_rng(1)
    for _ in range(60):
        x = random.normal(size=48)
        _, low, high = p.spearman_interval(x, r * x + np.sqrt(1 - r * r) * random.normal(size=48), draws=400)
        inside += low <= truth <= high
    assert inside >= 50  # of 60; 95 % intervals, and the percentile method is a little narrow


@pytest.fixture(scope="module")
def found() -> p.Predictors:
    return p.predictors("amp-nchw-pt240-cu124-rtx4090")


def test_one_row_a_network_at_its_own_image_size(found: p.Predictors) -> None:
    published = reference.all_throughput().query("setup == 'amp-nchw-pt240-cu124-rtx4090'")
    assert sorted(found.table["preset"]) == sorted(published["preset"].unique())
    row = found.table.set_index("preset").loc["inception_v3"]
    assert row["image_size"] == catalog.input_shape("inception_v3")[-1] == 299
    assert row["seconds"] == pytest.approx(1 / published.query("preset == 'inception_v3'")["images_per_second"].iloc[0])


def test_counts_are_a_picture_of_that_size(found: p.Predictors) -> None:
    row = found.table.set_index("preset").loc["resnet50"]
    assert row["macs"] == pytest.approx(4.089e9 * (row["image_size"] / 224) ** 2, rel=0.02)
    assert row["params"] == 25_557_032


def test_flops_are_not_latency_but_the_model_nearly_is(found: p.Predictors) -> None:
    rho = found.ranks.set_index("predictor")["rho"]
    assert rho["model"] > 0.98
    assert rho["flops"] < rho["bytes"] < rho["model"]
    assert ((found.ranks["low"] <= found.ranks["rho"]) & (found.ranks["rho"] <= found.ranks["high"])).all()
    assert found.error < 0.08
