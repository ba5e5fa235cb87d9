"""The app or its database is killed in the middle of work: what was reported done is in the ledger, and the next start goes on with it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from blocks.latency.store.ledger import LEDGER_URL_VARIABLE, Filter, Ledger, LedgerError
from blocks.workers.process import PACKAGE_ROOT
from tests.latency import postgres
from tests.latency.conftest import reported

# Measures one after the other, says each that is done, and lets others wait.
APP = """
import sys
sys.path[:0] = [{root!r}]
from blocks.latency import lab
from blocks.latency.measure.experiment import Experiment, Limits
if __name__ == "__main__":
    limits = Limits(min_samples=6, max_samples=6, min_seconds=0.0, max_seconds=1.0, warmup_seconds=0.01)
    jobs = [lab.submit(Experiment("squeezenet1_1", input_shape=(1, 3, 33, 33), threads=1, limits=limits)) for _ in range({count})]
    print("begun", flush=True)
    for job in jobs:
        print(job, lab.wait(job, 200).state, flush=True)
"""


def app(ledger: Path, count: int) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", APP.format(root=str(PACKAGE_ROOT), count=count)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=os.environ | {LEDGER_URL_VARIABLE: f"sqlite:///{ledger}"})


def done_of(said: list[str]) -> set[str]:
    return {line.split()[0] for line in said if line.endswith(" done\n")}


def test_an_app_killed_between_done_running_and_queued_jobs_has_lost_nothing_done(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    first = app(file, 40)
    assert first.stdout is not None
    said = [first.stdout.readline() for _ in range(4)]  # "begun" and three that are done: one runs, the others wait
    first.kill()
    said += first.stdout.readlines()
    first.wait()
    done = done_of(said)
    assert 3 <= len(done) < 40
    assert sqlite3.connect(file).execute("PRAGMA integrity_check").fetchone() == ("ok",)
    kept = set(Ledger(f"sqlite:///{file}").rows()["id"])
    assert done <= kept
    assert len(kept) <= len(done) + 1
    again = app(file, 2)
    later = done_of(again.communicate(timeout=300)[0].splitlines(keepends=True))
    assert len(later) == 2
    assert set(Ledger(f"sqlite:///{file}").rows()["id"]) == kept | later


def test_a_database_that_is_killed_and_comes_back_has_everything(report: Callable[..., dict[str, Any]]) -> None:
    if postgres.binaries() is None:
        if os.environ.get("CI"):
            pytest.fail(postgres.NO_SERVER)
        pytest.skip(postgres.NO_SERVER)
    with postgres.killable() as database:
        book = Ledger(database.url, patience=2.0)
        for i in range(5):
            book.add("measure", f"before-{i}", report())
        database.kill()
        for i in range(3):
            with pytest.raises(LedgerError, match=r"The ledger (cannot be reached|does not answer)"):
                book.add("measure", f"meanwhile-{i}", report())
        assert book.flush() == 3
        database.start()
        book.add("measure", "after", report())
        wanted = {f"before-{i}" for i in range(5)} | {f"meanwhile-{i}" for i in range(3)} | {"after"}
        assert set(Ledger(database.url).rows(Filter())["id"]) == wanted


@pytest.fixture
def report() -> Callable[..., dict[str, Any]]:
    """A measurement's reply."""
    return reported
