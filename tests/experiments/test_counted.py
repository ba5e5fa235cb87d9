"""Experiments that count: their claims from closed forms that the experiments do not use."""

from __future__ import annotations

import random

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from blocks import analyse, catalog, reference
from blocks.experiments import base, budget_search, compound_scaling, device_ranks, memory_access, repeated_gradient
from blocks.experiments.base import RunProgress, Stopped
from blocks.trace.build import on_meta


def test_memory_access_is_least_at_equal_widths() -> None:
    found = memory_access.run(RunProgress(), budget=64)
    assert found.verdict.holds
    area = memory_access.MAP_SIDE**2
    assert found.bytes == [4 * (area * (i + o) + i * o) for i, o in found.channels]
    assert set(found.macs) == {area * 64 * 64}
    assert found.ratio == sorted(found.ratio)
    assert found.bytes == found.bytes[::-1]  # in and out are alike


@pytest.mark.parametrize(("layers", "partial"), [(5, 0.5), (9, 0.25)])
def test_gradients_repeat_as_the_sum_over_layers_says(layers: int, partial: float) -> None:
    found = repeated_gradient.run(RunProgress(), layers=layers, partial_ratio=partial)
    c, k = repeated_gradient.C_IN, repeated_gradient.GROWTH
    dense = [n * c + k * n * (n - 1) // 2 for n in range(1, layers + 1)]
    assert found.arriving["dense"] == dense
    assert found.arriving["csp"] == [v - n * round(partial * c) for n, v in enumerate(dense, 1)]
    assert found.copies["dense"][-1] == pytest.approx(dense[-1] / (c + layers * k))
    assert found.verdict.holds


def test_compound_scaling_follows_the_constraint_and_not_another_one() -> None:
    found = compound_scaling.run(RunProgress())
    assert found.verdict.holds
    assert found.product == pytest.approx(1.92, abs=0.005)
    assert all(values[0] == found.macs["depth"][0] for values in found.macs.values())
    steep = compound_scaling.run(RunProgress(), alpha=1.0, beta=1.4, gamma=1.4)
    assert steep.product == pytest.approx(1.4**4)
    assert steep.macs["compound"][-1] > 4 * found.macs["compound"][-1]


def test_random_networks_are_counted_as_torch_counts_them() -> None:
    knobs = budget_search.draw(random.Random(5))
    with on_meta():
        net = catalog.build(budget_search.SEARCH_SPACE, **knobs).eval()
    with FlopCounterMode(display=False) as counter:
        net(torch.empty(1, 3, budget_search.SEARCH_SIDE, budget_search.SEARCH_SIDE, device="meta"))
    assert budget_search._counts(budget_search.SEARCH_SPACE, knobs) == (counter.get_total_flops() // 2, sum(p.numel() for p in net.parameters()))


def test_the_budget_divides_the_sample_and_the_best_lies_below_it() -> None:
    seen: list[budget_search.Sample] = []
    found = budget_search.run(RunProgress(lambda _, partial: seen.append(partial)), budget=300, samples=16, seed=3)
    assert [len(s.drawn) for s in seen] == [8, 16]
    inside = [m for m, _ in found.drawn if m <= 300e6]
    assert found.verdict.numbers["inside"] == len(inside) > 0
    assert budget_search._counts(budget_search.SEARCH_SPACE, found.best)[0] == max(inside)
    assert budget_search.run(RunProgress(), budget=300, samples=16, seed=3).drawn == found.drawn
    assert budget_search.run(RunProgress(), budget=300, samples=16, seed=4).drawn != found.drawn


@pytest.mark.parametrize("table", ["ncnn", "qualcomm"])
def test_flops_mislead_about_a_pair_on_most_published_runs(table: str) -> None:
    found = device_ranks.run(RunProgress(), table=table)
    said = found.verdict.numbers
    assert found.verdict.holds
    assert said["rho"] == found.runs["rho"].median() < 0.95
    times = reference.device_latency(table)
    rows = {str(r["preset"]): str(r["row"]) for _, r in reference.device_networks().query("table == @table and precision != 'int8'").iterrows()}
    both = times[[rows[said["more"]], rows[said["fewer"]]]].dropna()
    assert said["times"] == pytest.approx(analyse(said["more"]).flops / analyse(said["fewer"]).flops, rel=0.05)
    assert said["share"] == pytest.approx((both.iloc[:, 0] < both.iloc[:, 1]).mean(), abs=0.02)  # a failed run and runs with few networks are left out


@pytest.mark.parametrize("name", ["memory_access", "repeated_gradient", "compound_scaling", "budget_search", "device_ranks"])
def test_stop_is_heard(name: str) -> None:
    experiment = base.find_experiment(name)
    with pytest.raises(Stopped):
        experiment.run(RunProgress(stopped=lambda: True), **experiment.settings({}))
