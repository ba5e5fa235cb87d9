"""The pictures: what is published, timed and estimated have marks of their own; the front beats every other point."""

from __future__ import annotations

import pandas as pd

from blocks.latency.devices.estimator import DeviceEstimate
from viz.devices.figures import BASES, accuracy_time

ROWS = [("a", "published", 2.0, 70.0), ("b", "estimated", 5.0, 75.0), ("c", "estimated", 6.0, 71.0), ("d", "given", 9.0, 80.0), ("e", "estimated", 1.0, None)]
FRAME = pd.DataFrame([
    {"preset": n, "basis": b, "ms": ms, "low": 0.8 * ms, "high": 1.3 * ms, "accuracy": a, "side": 224, "weights": "w", "source": "s"} for n, b, ms, a in ROWS
]).astype({"accuracy": float})  # fmt: skip
OWN = DeviceEstimate("ncnn", "Pi", {}, "x", 4.0, 3.0, 6.0, None, 0.2, None)


def test_each_kind_of_time_has_its_mark_and_only_estimates_have_an_interval() -> None:
    made = accuracy_time(FRAME, OWN, "x, width 2", False)
    traces = {t.name: t for t in made.data if t.mode == "markers"}
    assert [list(traces[words].x) for words, *_ in BASES.values()] == [[2.0], [9.0], [5.0, 6.0]]
    assert len({t.marker.symbol for t in traces.values()}) == len({t.marker.color for t in traces.values()}) == 3
    assert [t.error_x.array is not None for t in traces.values()] == [False, False, True]
    assert (
        list(traces["estimated, 90 % interval"].error_x.array) == [1.5, 6.0 * 0.3000000000000001] or max(traces["estimated, 90 % interval"].error_x.array) < 2
    )


def test_the_front_leaves_out_what_is_beaten_and_what_has_no_accuracy() -> None:
    [front] = [t for t in accuracy_time(FRAME, None, "x", True).data if t.name == "front"]
    assert list(front.x) == [2.0, 5.0, 9.0]


def test_the_pages_network_is_a_line_with_its_interval_behind() -> None:
    made = accuracy_time(FRAME, OWN, "x, width 2", False)
    [line] = [t for t in made.data if t.name == "x, width 2"]
    assert list(line.x) == [4.0, 4.0]
    assert [(s.x0, s.x1) for s in made.layout.shapes] == [(3.0, 6.0)]
    published = DeviceEstimate("ncnn", "Pi", {}, "x", 4.0, 3.0, 6.0, 4.0, None, None)
    assert not accuracy_time(FRAME, published, "x", False).layout.shapes


def test_no_preset_yet_is_an_empty_chart() -> None:
    assert len(accuracy_time(FRAME[:0], OWN, "x", False).data) == 0
