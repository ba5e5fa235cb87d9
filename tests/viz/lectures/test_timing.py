"""A step's measurement in words: counts beside times, the verdict by the lecture's names, in both languages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from blocks.language import speaking
from blocks.latency.measure.experiment import Experiment
from blocks.latency.measure.results import Comparison, Measurement
from viz.lectures.targets import target
from viz.lectures.timing import counts_table, timing_table, verdict_sentence

ONE = Experiment("basic_block", (), (1, 64, 56, 56), "cpu")


def verdict(kind: str, ratio: float, low: float, high: float, more: int = 0) -> dict[str, Any]:
    return {"kind": kind, "ratio": ratio, "low": low, "high": high, "more": more}


@pytest.mark.parametrize(
    ("given", "english", "other"),
    [
        (verdict("faster", 1.5, 1.25, 1.75), "plain is 1.50 times (1.25–1.75) faster than octave.", "plain 比 octave 快，octave 的用时是它的 1.50 倍（1.25–1.75）。"),
        (verdict("slower", 0.5, 0.4, 0.625), "octave is 2.00 times (1.60–2.50) faster than plain.", "octave 比 plain 快，plain 的用时是它的 2.00 倍（1.60–2.50）。"),
        (verdict("same", 1.001, 0.99, 1.01), "No difference larger than 2 % between plain and octave.", "plain 与 octave 之间没有大于 2 % 的差别。"),
        (verdict("undecided", 1.2, 0.9, 1.5, 7), "Not yet decided: about 7 more rounds. So far octave takes 1.200 times the time of plain.", "尚无定论：大约还需 7 轮。目前 octave 的用时是 plain 的 1.200 倍。"),
    ],
)  # fmt: skip
def test_the_verdict_in_both_languages(given: dict[str, Any], english: str, other: str) -> None:
    assert verdict_sentence(given, "plain", "octave", 0.02) == english
    with speaking("zh"):
        assert verdict_sentence(given, "plain", "octave", 0.02) == other


def measured(median: float, joules: float | None = None) -> Measurement:
    return Measurement(ONE, 30, 30, median, median * 0.9, median * 1.1, "converged", True, "", joules_per_image=joules)


def compared(*each: Measurement, mode: str = "forward") -> Comparison:
    return Comparison([replace(ONE, mode=mode)] * len(each), [], [], True, 9, 27, 0.95, 1.0, list(each))


def test_the_table_has_counts_times_and_what_the_device_reached() -> None:
    analysis = target("basic_block").analysis({})
    head, _, row = timing_table(compared(measured(0.002)), [("block", analysis)]).splitlines()
    assert "GFLOP/s" in head
    assert "J per image" not in head
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[:2] == ["block", "73\u2009984"] or cells[1].replace("\u2009", " ").replace("\u202f", " ").split() == ["73", "984"]
    assert cells[3:5] == ["2", "1.8 – 2.2"]
    assert float(cells[5]) == pytest.approx(analysis.flops / 0.002 / 1e9, rel=0.01)


def test_joules_where_the_device_tells_and_no_rate_where_a_backward_pass_was_timed() -> None:
    analysis = target("basic_block").analysis({})
    rows = [("a", analysis), ("b", analysis)]
    with speaking("zh"):
        lines = timing_table(compared(measured(0.002, 0.25), measured(0.002)), rows).splitlines()
    assert "焦耳/图" in lines[0]
    assert lines[2].endswith("| 0.25 |")
    assert lines[3].endswith("| ? |")
    assert "GFLOP/s" not in timing_table(compared(measured(0.002), mode="forward_backward"), rows[:1])


def test_before_a_measurement_the_counts_are_there_and_no_time() -> None:
    head, _, row = counts_table([("block", target("basic_block").analysis({}))]).splitlines()
    assert head == "| Network | Parameters | MACs | Median (ms) |"
    assert [cell.strip().split() for cell in row.strip("|").split("|")] == [["block"], ["73", "984"], ["231.2", "M"], ["–"]]
