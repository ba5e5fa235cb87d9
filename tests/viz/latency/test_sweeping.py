"""A sweep as a task of the page, and its table as it is shown."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from blocks.knobs import KnobError
from blocks.language import speaking
from viz.latency import sweeping


def found(state: str, **more: Any) -> SimpleNamespace:
    return SimpleNamespace(**({"state": state, "share": 0.5, "left": None, "failed": 0, "done": 3, "total": 6} | more))


@pytest.mark.parametrize(
    ("known", "state", "words"),
    [
        (found("running", left=12.4), "running", "running · 3 of 6 done · about 12 s left"),
        (found("paused", left=12.4), "stopped", "paused · 3 of 6 done"),
        (found("interrupted", failed=2), "stopped", "interrupted · 3 of 6 done · 2 not possible"),
        (found("done"), "done", "done · 3 of 6 done"),
        (found("failed"), "failed", "failed · 3 of 6 done"),
    ],
)
def test_where_it_stands(monkeypatch: pytest.MonkeyPatch, known: Any, state: str, words: str) -> None:
    monkeypatch.setattr(sweeping.sweep, "sweep_progress", lambda _: known)
    task = sweeping.SweepTask("s")
    assert (task.state, task.share, task.about) == (state, 0.5, "s")
    assert task.message.endswith(words)
    assert task.result is (known if state == "done" else None)


def test_a_ledger_that_does_not_answer_any_more_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping.sweep, "sweep_progress", lambda _: found("running"))
    task = sweeping.SweepTask("s")

    def refuse(_: str) -> None:
        raise KnobError("sweep", "s", "is not known")

    monkeypatch.setattr(sweeping.sweep, "sweep_progress", refuse)
    task.look()
    assert task.state == "failed"
    assert "is not known" in task.error


def test_the_table_is_in_milliseconds_without_empty_columns() -> None:
    table = pd.DataFrame({
        "batch": [1, 2], "median": [0.01, None], "low": [0.009, None], "high": [0.011, None], "images_per_second": [100.0, None],
        "joules_per_image": [None, None], "state": ["done", "impossible"], "message": ["", "too large"],
    })  # fmt: skip
    made = sweeping._readable(table)
    assert made["state"].tolist() == ["done", "not possible"]
    assert made["median (ms)"][0] == pytest.approx(10)
    assert list(made.columns) == ["batch", "state", "median (ms)", "low (ms)", "high (ms)", "images/s", "message"]


def test_heads_and_states_are_in_the_users_language() -> None:
    table = pd.DataFrame({
        "batch": [1], "state": ["done"], "median": [0.01], "low": [0.009], "high": [0.011], "images_per_second": [100.0], "joules_per_image": [0.5],
        "message": ["not finite"],
    })  # fmt: skip
    with speaking("zh"):
        made = sweeping._readable(table)
        heads = [dict(sweeping._columns(made).get(name) or {}).get("label", name) for name in made.columns]
    assert made["state"].tolist() == ["已完成"]
    assert heads == ["batch", "状态", "中位数 (ms)", "下界 (ms)", "上界 (ms)", "图片/秒", "焦耳/图", "备注"]
