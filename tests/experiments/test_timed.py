"""Experiments about time: what they compare is equal where it should be, the counts are closed forms, and time is really measured."""

from __future__ import annotations

import math

import pytest

from blocks.experiments import base, kernel_sizes, shift_time, shuffle_guidelines, squeeze_or_alex, wide_or_deep
from blocks.experiments.base import RunProgress, Stopped
from blocks.experiments.timed import NotMeasured, Timed, TimedNetwork, time_networks


def test_stacks_of_small_kernels_see_as_much_with_fewer_weights() -> None:
    large, three, five, two = (s.analysis() for s in kernel_sizes.kernel_stacks(24, 14))
    area = 14 * 14
    assert [a.macs for a in (large, three, five, two)] == [k * 24 * 24 * area for k in (49, 27, 25, 18)]
    assert [_field(a) for a in (large, three, five, two)] == [7, 7, 5, 5]


def _field(analysis) -> int:
    return int(analysis.receptive_fields[max(analysis.receptive_fields)][0].size)


@pytest.mark.parametrize("guideline", shuffle_guidelines.GUIDELINES)
def test_a_guidelines_pair_has_equal_macs_and_its_breaker_moves_more_bytes(guideline: str) -> None:
    keeper, breaker = (s.analysis() for s in shuffle_guidelines.guideline_pair(guideline))
    assert keeper.macs == breaker.macs > 0
    assert breaker.bytes_moved > keeper.bytes_moved


def test_wide_and_deep_have_one_budget() -> None:
    params = [s.analysis().params for s in wide_or_deep.width_depth_networks()]
    assert max(params) / min(params) < 1.15
    depths = [depth for depth, _ in wide_or_deep.PAIRS]
    assert depths == sorted(depths)


def test_shift_counts_nothing_and_moves_bytes() -> None:
    depthwise, shift, pointwise = (s.analysis() for s in shift_time.shift_operations(48, 28))
    assert (shift.params, shift.macs, shift.flops) == (0, 0, 0)
    assert shift.bytes_moved >= 2 * 4 * 48 * 28 * 28
    assert depthwise.macs == 9 * 48 * 28 * 28
    assert pointwise.macs == 48 * 48 * 28 * 28


def test_times_are_measured_and_related_to_the_first() -> None:
    shares: list[float] = []
    shape = (1, 24, 14, 14)
    rows = time_networks(
        RunProgress(lambda share, _: shares.append(share)),
        [
            TimedNetwork("one", "standard_convolution", shape, {"c_in": 24, "c_out": 24}),
            TimedNetwork("other", "depthwise_separable", shape, {"c_in": 24, "c_out": 24}),
        ],
        seconds=0.5,
    )
    assert [r.label for r in rows] == ["one", "other"]
    assert rows[0].ratio is None
    assert rows[0].times == 1
    assert all(r.median > 0 and math.isfinite(r.times) for r in rows)
    assert rows[0].macs == 9 * 24 * 24 * 14 * 14
    assert shares == sorted(shares)


def test_an_interval_that_is_not_there_is_said_and_decides_nothing() -> None:
    row = Timed("a", 1, 1, 2, 4, 3, 0.5, None, None, (2.0, None, None))
    assert (row.times, row.times_text, row.slower) == (2.0, "2.00", False)
    assert Timed("a", 1, 1, 2, 4, 3, 0.5, None, None, (2.0, 1.5, 2.5)).slower
    assert not Timed("a", 1, 1, 2, 4, 3, 0.5, None, None, (1.2, 0.9, 2.5)).slower


def test_a_network_that_cannot_run_ends_with_the_laboratorys_sentence() -> None:
    with pytest.raises(NotMeasured, match="batch of 4096 needs"):
        time_networks(RunProgress(), [TimedNetwork("a", "shift", (4096, 64, 4096, 4096)), TimedNetwork("b", "shift", (1, 64, 8, 8))], seconds=0.2)


@pytest.mark.parametrize("name", ["kernel_sizes", "squeeze_or_alex", "wide_or_deep", "shuffle_guidelines", "shift_time"])
def test_stop_is_heard(name: str) -> None:
    experiment = base.find_experiment(name)
    with pytest.raises(Stopped):
        experiment.run(RunProgress(stopped=lambda: True), **experiment.settings({}))


def test_squeezenet_is_small_and_not_quick_in_proportion() -> None:
    found = squeeze_or_alex.run(RunProgress(), side=96)
    alex, squeeze, _ = found.rows
    assert alex.params / squeeze.params == pytest.approx(found.verdict.numbers["params"])
    assert found.verdict.holds == (squeeze.times > 4 * squeeze.params / alex.params)
