"""Progress out, cancellation in."""

from __future__ import annotations

from typing import Any

import pytest

from blocks.workers import control as module
from blocks.workers.control import Cancelled, JobControl


def test_a_cancelled_job_is_told_so() -> None:
    cancelled: list[bool] = []
    control = JobControl(lambda _: None, lambda: bool(cancelled))
    control.check()
    cancelled.append(True)
    with pytest.raises(Cancelled):
        control.check()


def test_reports_are_due_a_tenth_of_a_second_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    seen: list[dict[str, Any]] = []
    control = JobControl(seen.append, lambda: False)
    assert control.due()
    control.report(n=3)
    assert not control.due()
    now[0] += 0.11
    assert control.due()
    assert seen == [{"n": 3}]
