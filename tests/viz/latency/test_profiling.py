"""The layer table of a profile: its seconds, intervals and shares."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from blocks import analyse
from viz.latency.profiling import layer_times


def test_operations_stand_longest_first_with_their_share() -> None:
    analysis = analyse("basic_block")
    first, second = list(analysis.table["node"])[:2]
    found: Any = SimpleNamespace(by_node={first: 0.001, second: 0.003, 10_000: 9.0}, intervals={int(second): (0.0029, 0.0031)}, sum=0.004)
    table = layer_times(analysis, found)
    assert list(table["ms"]) == pytest.approx([3.0, 1.0])
    assert list(table["share"]) == pytest.approx([0.75, 0.25])
    assert list(table["95 %"]) == ["2.9 – 3.1", ""]


def test_a_profile_of_nothing_has_no_shares() -> None:
    analysis = analyse("basic_block")
    found: Any = SimpleNamespace(by_node={next(iter(analysis.table["node"])): 0.0}, intervals={}, sum=0.0)
    assert list(layer_times(analysis, found)["share"]) == [0.0]
