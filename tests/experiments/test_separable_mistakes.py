"""Each mistake is found by its own check, and the right block by none of them."""

from __future__ import annotations

import pytest
from torch import nn

from blocks.experiments.base import RunProgress
from blocks.experiments.separable_mistakes import C_IN, C_OUT, CASES, SIDE, depthwise, pointwise, reach, run, tried


def test_all_are_caught_and_the_right_block_costs_what_the_formula_says() -> None:
    found = run(RunProgress())
    assert found.verdict.holds
    assert [case.name for case in found.cases] == list(CASES)
    weights = 9 * C_IN + C_IN * C_OUT
    assert found.right.params == weights + 2 * (C_IN + C_OUT)
    assert found.right.macs == weights * SIDE * SIDE


def test_the_right_pieces_pass_the_checks() -> None:
    assert int((reach(depthwise()).sum((1, 2)) > 0).sum()) == 1
    assert int((reach(nn.Sequential(depthwise(), pointwise())).sum((1, 2)) > 0).sum()) == C_IN


@pytest.mark.parametrize(
    ("name", "key", "value"), [("no_groups", "channels", 32), ("grouped_pointwise", "channels", 2), ("late_stride", "unused", 0.75), ("no_padding", "side", 14)]
)
def test_the_evidence(name: str, key: str, value: float) -> None:
    assert tried(name).found[key] == value


def test_torch_refuses_two_of_them_in_its_own_words() -> None:
    assert "divisible by groups" in tried("undivided").refused
    assert "running_mean" in tried("shared_norm").refused
    assert tried("shared_norm").params is None
