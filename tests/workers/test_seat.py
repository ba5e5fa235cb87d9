"""The thread that supervises a process: processes that never get ready, and a store that raises."""

from __future__ import annotations

import pytest

from blocks.workers import seat
from blocks.workers.job import Job
from blocks.workers.pool import Pool

PATIENCE = 120.0


def ended(pool: Pool, job: Job) -> Job:
    try:
        pool.submit(job)
        assert job.finished.wait(PATIENCE)
    finally:
        pool.stop()
    return job


def test_a_process_that_does_not_start_is_said() -> None:
    job = ended(Pool("no.such.module:Handler", title="lost process"), Job("1", "echo", {}, "local"))
    assert job.state == "failed"
    assert job.message.startswith("The lost process did not start. The lost process ended by itself (code 1).")


def test_a_process_that_never_gets_ready_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seat, "START_PATIENCE", 0.0)
    job = ended(Pool("tests.workers.echo:NeverReady", title="slow process"), Job("1", "echo", {}, "local"))
    assert job.message == "The slow process did not start within two minutes."


def test_a_fault_of_the_app_ends_the_job_with_a_sentence() -> None:
    def broken(_: Job) -> str:
        raise OSError("no place left")

    job = ended(Pool("tests.workers.echo:Echo", title="kept process", keep=broken), Job("1", "echo", {}, "local"))
    assert job.message == "The kept process could not be supervised: OSError: no place left"
