"""The figures of the first section, from samples so far to the finished result, and what they depend on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from blocks.latency import lab
from blocks.latency.measure.results import Measurement
from tests.drawing import page_of, said, shown
from tests.latency.conftest import reported
from viz.kit.board import Board, Side, sides
from viz.kit.choice import Choice
from viz.kit.lab_task import LabTask
from viz.latency import measuring
from viz.latency.address import LatencyState
from viz.latency.settings import Conditions


def state_of(**conditions: Any) -> tuple[LatencyState, list[Side]]:
    board = Board()
    board.add(Choice("resnet18"))
    return LatencyState(board, Conditions(**conditions)), sides(board)


def measured(**changes: Any) -> Measurement:
    plain = reported() | {"n_eff": 50.0, "why": "Stopped: the interval is narrow.", "remarks": ["The clocks fell."]}
    return Measurement.from_dict(plain | changes)


def test_the_promise_names_the_quantity_and_the_cap() -> None:
    state, shown_sides = state_of(threads=1, seconds=9)
    assert measuring._promise(state, shown_sides) == "Measures: isolated, hot cache, host clock, forward, float32, eager, 1 thread; at most 9 s per network."
    state, shown_sides = state_of(dtype="float64")
    assert "is counted but not measured" in measuring._promise(state, shown_sides)


@pytest.mark.parametrize(
    ("status", "result", "value", "words"),
    [
        (lab.Status("j", "running", n=7, median=0.0125), None, "12.5 ms", "running"),
        (lab.Status("j", "queued"), None, "…", "queued"),
        (lab.Status("j", "done"), measured(median=0.02, low=0.019, high=0.0215, n=40), "20 ms", "95 % interval 19 – 21.5 ms, n = 40"),
        (lab.Status("j", "done"), measured(median=0.02, low=0.01, high=0.03, n=9, converged=False), "20 ms", "95 % interval 10 – 30 ms, n = 9, not converged"),
        (lab.Status("j", "done"), measured(low=None, high=None, n=3), "12.3 ms", "n = 3, too few for an interval"),
    ],
)
def test_a_figure_is_of_the_samples_so_far_or_of_the_result(monkeypatch: pytest.MonkeyPatch, status: lab.Status, result: Any, value: str, words: str) -> None:
    monkeypatch.setattr(lab, "status", lambda _: status)
    monkeypatch.setattr(lab, "result", lambda _: result)
    state, given = state_of()
    app = shown(measuring._figures, state, given, tasks={measuring._key(given[0]): LabTask("j")})
    (metric,) = app.metric
    assert (metric.label, metric.value, metric.delta) == ("A · resnet18", value, words)


def test_a_network_that_was_not_measured_has_a_dash() -> None:
    (metric,) = shown(measuring._figures, *state_of()).metric
    assert (metric.value, metric.delta) == ("–", "not measured yet")


def words_of(state: LatencyState, given: Sequence[Side], found: Measurement) -> str:
    return said(shown(measuring._words, state, given[0], found))


def test_the_line_below_a_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "estimate_of", lambda _: type("Guess", (), {"seconds": 0.024})())
    found = measured(median=0.02, images=4, p90=(0.03, 0.029, 0.031), joules_per_image=0.5)
    line = words_of(*state_of(), found)
    assert "200 images/s · p90 30 ms · 0.5 J per image (measured) · estimated 24 ms (+20 %)" in line
    assert "Stopped: the interval is narrow. The clocks fell." in line


def test_a_figure_of_other_settings_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "estimate_of", lambda _: None)
    state, given = state_of()
    same = Measurement.from_dict(reported() | {"experiment": state.conditions.experiment(given[0].choice).to_dict(), "n_eff": 9.0, "why": "Stopped."})
    assert "other settings" not in words_of(state, given, same)
    assert "Measured under other settings: resnet18" in words_of(*state_of(cache="cold"), same)


def test_what_a_figure_depends_on_is_a_column_per_network() -> None:
    table = measuring._details([("A · one", 0, measured(n=57)), ("B · two", 1, measured(n=58))])
    assert list(table.columns) == ["A · one", "B · two"]
    assert list(table.loc["samples"]) == ["57", "58"]
    assert table.loc["torch", "A · one"] == "9.9"


def test_stop_stops_every_network(monkeypatch: pytest.MonkeyPatch) -> None:
    cancelled: list[str] = []
    monkeypatch.setattr(lab, "status", lambda _: lab.Status("j", "cancelled" if cancelled else "running"))
    monkeypatch.setattr(lab, "result", lambda _: None)
    monkeypatch.setattr(lab, "cancel", cancelled.append)
    state, given = state_of()
    app = page_of(measuring.measure_section, state, given, tasks={measuring._key(given[0]): LabTask("job-1")}).run()
    app.button(key="latency.stop").click().run()
    assert not app.exception
    assert cancelled == ["job-1"]
