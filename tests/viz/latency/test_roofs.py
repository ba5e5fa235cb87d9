"""The roofline section: what a machine lacks, what was measured, and what an estimate is judged by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from blocks.latency.roofline.estimate import estimate
from blocks.latency.roofline.machines import Machine, published_machines
from tests.drawing import charts, numbers, said, shown
from viz.kit.board import Board, Side, sides
from viz.kit.choice import Choice
from viz.latency import roofs
from viz.latency.address import LatencyState
from viz.latency.settings import Conditions

FIRST = published_machines()[0]
LACKING = replace(FIRST, name="lacking", title="A card of float64", peaks={"float64": 1e12})


@pytest.fixture
def given() -> list[Side]:
    board = Board()
    board.add(Choice("bottleneck"))
    return sides(board)


@pytest.mark.parametrize(("dtype", "used"), [("own", None), ("autocast", "float16"), ("tf32", "tf32")])
def test_the_type_that_an_estimate_is_made_for(dtype: str, used: str | None) -> None:
    assert roofs._dtype(LatencyState(conditions=Conditions(dtype=dtype))) == used


def test_a_machine_without_the_type_is_counted_among_the_refused(given: list[Side]) -> None:
    app = shown(roofs._estimates, LatencyState(), given, [FIRST, LACKING])
    assert [e.label for e in app.expander] == ["1 not estimated"]
    assert "has no figure for A card of float64" in said(app)
    seconds = estimate(given[0].analysis, FIRST).seconds
    (chart,) = charts(app)
    drawn = [value for trace in chart["data"] for value in numbers(trace["x"])]
    assert drawn == pytest.approx([seconds * 1e3])


def test_a_network_without_a_profile_stands_where_the_estimate_puts_it(given: list[Side]) -> None:
    assert "No profile of A · bottleneck in this session" in said(shown(roofs._chart, LatencyState(), given, [FIRST], True))
    assert "No profile" not in said(shown(roofs._chart, LatencyState(), given, [FIRST], False))


def judged(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[tuple[float, float]]], str]:
    """What the page says of a machine whose estimates had these (ratio, share of the processor that others took)."""

    def of(rows: list[tuple[float, float]]) -> str:
        table = pd.DataFrame(
            [("resnet18", 1, "float32", 0.01, 0.01 * ratio, ratio, others) for ratio, others in rows],
            columns=["network", "batch", "dtype", "measured", "estimated", "ratio", "others"],
        )
        monkeypatch.setattr(roofs, "estimates_against_ledger", lambda *_: table)
        return said(shown(roofs._check, FIRST))

    return of


def test_disturbed_results_judge_no_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    words = judged(monkeypatch)([(1.1, 0.0), (0.7, 0.05), (3.0, 0.5)])
    assert "2 results of the ledger; the estimate is off by 20 % in the median and 30 % at worst. 1 more left out" in words
    assert "no undisturbed forward pass" in judged(monkeypatch)([(3.0, 0.5)])
    assert "no undisturbed forward pass" in judged(monkeypatch)([])


def test_a_roof_in_words() -> None:
    machine: Machine = replace(FIRST, title="Mine", source="probed here", bandwidth=12.5e9, peaks={"float32": 1.5e11, "int8": 1e12})
    assert roofs._roof_in_words(machine) == "Mine, probed here: 150 GFLOP/s in float32; 12.5 GB/s"
