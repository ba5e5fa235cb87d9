"""A against B: what is said of each pair, when and why the comparison stopped."""

from __future__ import annotations

from typing import Any

import pytest

from blocks.latency import lab
from blocks.latency.measure.experiment import Experiment
from tests.drawing import charts, said, shown
from tests.latency.conftest import reported
from viz.kit.board import Board, sides
from viz.kit.choice import Choice
from viz.kit.lab_task import LabTask
from viz.latency import versus
from viz.latency.address import LatencyState

FASTER = {"sentence": "B is faster.", "kind": "faster", "ratio": 0.8, "low": 0.78, "high": 0.82, "more": 0}


def compared(**changes: Any) -> lab.Comparison:
    each = reported() | {"n_eff": 9.0, "why": "Stopped."}
    plain = {
        "experiments": [Experiment("resnet18").to_dict(), Experiment("resnet34").to_dict()], "verdicts": [FASTER], "converged": True, "episodes": 4,
        "rounds": 20, "level": 0.995, "seconds": 3.25, "each": [each, each], "log_ratios": [[0.0, -0.2], [0.0, -0.25]],
        "ranking": [{"index": 1, "name": "B", "rank": 1, "relative": 1.0, "low": 1.0, "high": 1.0}, {"index": 0, "name": "A", "rank": 2, "relative": 1.25, "low": 1.2, "high": 1.3}],
    }  # fmt: skip
    return lab.Comparison.from_dict(plain | changes)


def drawn(monkeypatch: pytest.MonkeyPatch, status: lab.Status, result: lab.Comparison | None) -> str:
    monkeypatch.setattr(lab, "status", lambda _: status)
    monkeypatch.setattr(lab, "result", lambda _: result)
    return said(shown(versus._verdicts, LabTask("j", about=(["A · one", "B · two"], [0, 1]))))


def test_a_verdict_stands_with_its_pair_while_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    words = drawn(monkeypatch, lab.Status("j", "running", verdicts=(FASTER,)), None)
    assert "B is faster." in words
    assert "A · one against B · two" in words
    assert "episodes" not in words


@pytest.mark.parametrize(("converged", "why"), [(True, "stopped as every verdict was reached"), (False, "stopped as the time limit was reached")])
def test_the_end_is_explained(monkeypatch: pytest.MonkeyPatch, converged: bool, why: str) -> None:
    words = drawn(monkeypatch, lab.Status("j", "done"), compared(converged=converged))
    assert "4 episodes of 5 rounds in 3.25 s" in words
    assert why in words
    assert "Each interval holds at 99.5 %" in words


def test_a_comparison_of_no_episode_is_no_division(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "0 episodes of 0 rounds" in drawn(monkeypatch, lab.Status("j", "done"), compared(episodes=0, rounds=0, verdicts=[], converged=False))


def test_a_comparison_needs_two() -> None:
    board = Board()
    board.add(Choice("resnet18"))
    app = shown(versus.versus_section, LatencyState(board), sides(board))
    assert app.info[0].value.startswith("A comparison needs two networks")
    assert app.button(key="latency.compare").disabled


def test_ratios_and_ranking_are_drawn() -> None:
    assert len(charts(shown(versus._pictures, compared(), ["A", "B"], [0, 1]))) == 2
