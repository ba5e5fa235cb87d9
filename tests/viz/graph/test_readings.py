"""Readings of a box."""

from __future__ import annotations

from blocks import analyse
from viz.graph.fold import Fold
from viz.graph.readings import OVERLAYS, Readings


def test_every_overlay_has_a_reading() -> None:
    analysis = analyse("resnet18")
    fold, readings = Fold(analysis.graph), Readings(analysis, dict.fromkeys(range(len(analysis.graph.nodes)), 0.5))
    item = next(i for i in fold.root.children if i.role == "module")
    assert set(readings.of(item)) == {o.id for o in OVERLAYS}


def test_without_times_there_is_no_overlay_of_times_and_measured_ones_say_so() -> None:
    analysis = analyse("basic_block")
    assert "time" not in {overlay.id for overlay in Readings(analysis).overlays}
    timed = Readings(analysis, {1: 0.25}, "Time, measured")
    assert timed.overlays[-1].label == "Time, measured"
    assert timed.of(Fold(analysis.graph).root)["time"] == 0.25


def test_intensity_is_a_ratio_and_the_field_that_of_the_last_operation() -> None:
    analysis = analyse("resnet18")
    fold, readings = Fold(analysis.graph), Readings(analysis)
    stem = readings.of(fold.items["stem"])
    assert stem["intensity"] == stem["flops"] / stem["bytes"]
    assert stem["field"] == 11
