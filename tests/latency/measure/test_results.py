"""Results as typed values, from replies of this version and from rows that older versions wrote."""

from __future__ import annotations

from typing import Any

import pytest

from blocks.latency.measure.experiment import Experiment
from blocks.latency.measure.process_spread import combine
from blocks.latency.measure.profile import Profile
from blocks.latency.measure.results import Comparison, LabResult, Measurement
from blocks.latency.roofline.microbenchmarks import Microbenchmarks

PLAIN: dict[str, Any] = {
    "experiment": Experiment("resnet18").to_dict(), "n": 9, "n_eff": 7.5, "median": 0.02, "low": 0.019, "high": 0.022, "reason": "converged",
    "converged": True, "why": "Stopped.", "images": 4, "later": "a field of a later version",
}  # fmt: skip


def test_a_measurement_and_what_follows_from_it() -> None:
    found = Measurement.from_dict(PLAIN)
    assert (found.throughput, found.half_width) == (pytest.approx(200), pytest.approx(0.075))
    assert Measurement.from_dict(PLAIN | {"low": None}).half_width is None


def test_rows_of_older_versions_are_read() -> None:
    old = Measurement.from_dict(PLAIN | {"thrown": 3, "between": [0.019, 0.021]})
    assert (old.discarded, old.process_medians) == (3, [0.019, 0.021])
    verdict = {"sentence": "A is faster.", "kind": "faster", "ratio": 1.2, "low": 1.1, "high": 1.3, "more": 0}
    plain = {
        "experiments": [PLAIN["experiment"]] * 2, "verdicts": [verdict, verdict], "ranking": [], "converged": True, "episodes": 10, "rounds": 50, "level": 0.99,
        "seconds": 3.0, "each": [PLAIN | {"thrown": 1}] * 2, "thrown": 2,
    }  # fmt: skip
    comparison = Comparison.from_dict(plain)
    assert (comparison.discarded, comparison.each[1].discarded, comparison.sentence) == (2, 1, "A is faster. A is faster.")
    profile = {
        "experiment": PLAIN["experiment"], "by_node": {"3": 0.5}, "intervals": {"3": [0.4, 0.6]}, "backward": {}, "kernels": {"3": ["conv"]}, "whole": 1.0,
        "sum": 0.5, "other": 0.1, "between": 0.4, "overhead": 0.0, "passes": 8, "explained": [],
    }  # fmt: skip
    assert Profile.from_dict(profile).between_operations == 0.4


def test_the_medians_of_the_processes_are_kept() -> None:
    part = PLAIN | {
        "remarks": [], "minimum": 0.01, "maximum": 0.03, "samples": [], "warmup": 1, "settled": True, "discarded": 2, "disturbed": 0, "joules_per_image": None
    }  # fmt: skip
    made = Measurement.from_dict(combine([part, part | {"median": 0.021}]))
    assert (made.process_medians, made.discarded, made.n) == ([0.02, 0.021], 4, 18)


@pytest.mark.parametrize(
    ("made", "plain"),
    [
        (Measurement, PLAIN),
        (
            Microbenchmarks,
            {
                "device": "cpu",
                "threads": 1,
                "bandwidth": 1e10,
                "peaks": {},
                "overhead": 0.0,
                "factors": {},
                "reached": [],
                "checked": [],
                "error": 0.1,
                "seconds": 2.0,
            },
        ),
    ],
)
def test_a_result_says_when_where_and_under_what(made: type[LabResult], plain: dict[str, Any]) -> None:
    around = {"conditions": {"clocks": []}, "remarks": ["Busy."], "machine": {"node": "here"}, "versions": {"torch": "9"}, "finished_at": 1.7e9}
    found = made.from_dict(plain | around | {"later": 1})
    assert {name: getattr(found, name) for name in around} == around
    empty = made.from_dict(plain)
    assert (empty.remarks, empty.finished_at) == ([], 0.0)
    assert empty.remarks is not made.from_dict(plain).remarks
