"""A pool of processes: jobs are shared, stopped, limited and tried again; what a process does never reaches the app."""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from blocks.workers.job import Job
from blocks.workers.pool import Pool
from tests.workers.echo import Echo

PATIENCE = 120.0
_numbers = itertools.count()


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    kept = Pool("tests.workers.echo:Echo", ("a pool",), size=2, title="echoing process", keep=lambda job: f"kept {job.kind}")
    yield kept
    kept.stop()
    assert kept.pids() == []
    assert not [t for t in threading.enumerate() if t.name.startswith("echoing process")], "no thread is left behind"


def job(kind: str, session: str = "local", **given: Any) -> Job:
    made = {name: given.pop(name) for name in list(given) if name in Job.__dataclass_fields__}
    return Job(str(next(_numbers)), kind, given, session, **made)


def run(pool: Pool, *jobs: Job) -> list[Job]:
    pool.submit(*jobs)
    for one in jobs:
        assert one.finished.wait(PATIENCE)
    return list(jobs)


def test_a_process_has_the_priority_of_its_handler(pool: Pool) -> None:
    (done,) = run(pool, job("say"))
    assert done.result is not None
    assert done.result["niceness"] == min(os.nice(0) + Echo.niceness, 19)


def test_jobs_are_shared_by_the_processes(pool: Pool) -> None:
    jobs = run(pool, *(job("sleep", pause=0.3) for _ in range(6)))
    assert [(j.state, j.message) for j in jobs] == [("done", "kept sleep")] * 6
    assert 1 <= len({j.result["pid"] for j in jobs if j.result}) <= 2
    assert len(pool.pids()) <= 2


def test_progress_is_seen_while_it_runs(pool: Pool) -> None:
    counting = job("count", to=100, pause=0.02)
    pool.submit(counting)
    seen = set()
    while not counting.over:
        seen.add(counting.progress.get("done"))
        time.sleep(0.01)
    assert len(seen) > 3
    assert counting.progress["done"] == 100


def test_a_fault_is_a_sentence_and_the_process_lives_on(pool: Pool) -> None:
    (broken,) = run(pool, job("raise", words="two and two"))
    assert (broken.state, broken.message) == ("failed", "It broke: two and two")


def test_a_dead_process_ends_its_job_and_is_replaced(pool: Pool, tmp_path: Path) -> None:
    (dead,) = run(pool, job("die", code=5))
    assert (dead.state, dead.deaths) == ("failed", 1)
    assert dead.message == "The echoing process ended by itself (code 5). A new one starts with the next job."
    (again,) = run(pool, job("die_once", mark=str(tmp_path / "mark"), retries=1))
    assert (again.state, again.deaths) == ("done", 1)
    (twice,) = run(pool, job("die", code=5, retries=1))
    assert (twice.state, twice.deaths) == ("failed", 2)


def test_a_job_that_does_not_listen_is_cancelled_by_force(pool: Pool) -> None:
    deaf = job("sleep", pause=600.0)
    pool.submit(deaf)
    while deaf.state != "running":
        time.sleep(0.01)
    pool.cancel(deaf.id)
    assert deaf.finished.wait(PATIENCE)
    assert (deaf.state, deaf.message) == ("cancelled", "Cancelled; the echoing process did not answer and was replaced.")


def test_the_time_limit_ends_a_job(pool: Pool) -> None:
    (slow,) = run(pool, Job(str(next(_numbers)), "sleep", {"pause": 600.0}, "local", seconds=0.3))
    assert (slow.state, slow.message) == ("failed", "Stopped after 0.3 s, the time limit of a job.")


def test_parts_run_in_fresh_processes_and_are_combined(pool: Pool) -> None:
    (made,) = run(pool, job("echo", processes=3, combine=lambda parts: {"pids": [p["pid"] for p in parts]}))
    assert made.result is not None
    assert len(set(made.result["pids"])) == 3


def test_a_turned_knob_replaces_the_waiting_jobs_of_its_session() -> None:
    pool = Pool("tests.workers.echo:Echo")
    try:
        blocker, old, other, new = (job("sleep", s, pause=600.0) for s in ("x", "mine", "other", "mine"))
        pool.submit(blocker)
        while blocker.state == "queued":
            time.sleep(0.01)
        pool.submit(old, other)
        found = pool.find(other.id)
        assert found is not None
        assert found[1] == 2
        pool.submit(new, replace=True)
        assert (old.state, old.message) == ("cancelled", "Cancelled before it began.")
        assert (other.state, new.state, pool.waiting()) == ("queued", "queued", 2)
        assert pool.find("no such job") is None
    finally:
        pool.stop()
    assert {j.state for j in (blocker, other, new)} == {"cancelled"}
