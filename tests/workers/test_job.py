"""A job's life: it ends once, and an abandoned page's job expires."""

from __future__ import annotations

import pytest

from blocks.workers import job as module
from blocks.workers.job import FINAL, Job


def test_a_job_ends_once() -> None:
    ended: list[str] = []
    job = Job("1", "echo", {}, "a", on_end=lambda j: ended.append(j.state))
    assert not job.over
    job.end("done", "a remark")
    job.end("failed", "too late")
    assert (job.state, job.message, ended, job.finished.is_set()) == ("done", "a remark", ["done"], True)
    assert {job.state} <= FINAL


def test_only_a_job_that_expires_is_abandoned(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, kept = Job("1", "echo", {}, "a tab", expires=True), Job("2", "echo", {}, "local")
    assert not waiting.abandoned
    monkeypatch.setattr(module, "ABANDONED_AFTER", -1.0)
    assert waiting.abandoned
    assert not kept.abandoned
