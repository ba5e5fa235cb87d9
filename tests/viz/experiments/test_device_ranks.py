"""The chart of device_ranks: a mark for each published run."""

from __future__ import annotations

from blocks.experiments.base import RunProgress
from blocks.experiments.device_ranks import run
from tests.drawing import chart_of
from viz.experiments.device_ranks import draw


def test_every_run_is_a_mark() -> None:
    result = run(RunProgress())
    chart = chart_of(draw, result)
    assert sum(len(trace["customdata"]) for trace in chart["data"]) == len(result.runs) == result.verdict.numbers["runs"]
    assert {trace["name"] for trace in chart["data"]} == {"processors", "GPUs"}
