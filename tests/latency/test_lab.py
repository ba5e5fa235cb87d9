"""The laboratory under faults: whatever happens to a job, it ends with a sentence, the next one works, and what was done is in the ledger."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from blocks.knobs import KnobError
from blocks.latency import lab
from blocks.latency.measure.experiment import Experiment, Limits
from blocks.latency.measure.process_spread import combine
from blocks.latency.store import ledger
from blocks.workers.fair_queue import FairQueue
from blocks.workers.job import FINAL
from blocks.workers.process import PACKAGE_ROOT

QUICK = Limits(min_samples=6, max_samples=6, min_seconds=0.0, max_seconds=1.0, warmup_seconds=0.01)
ENDLESS = Limits(min_samples=6, max_samples=10**7, min_seconds=0.0, max_seconds=900.0, target=1e-9, warmup_seconds=0.01, job_seconds=900.0)
PATIENCE = 120.0  # for a machine with other work; nothing here takes a second on one without

BAD = """
import time
import torch
from torch import nn

class Sleeps(nn.Module):
    def forward(self, x):
        time.sleep(3600)

class Eats(nn.Module):
    def forward(self, x):
        self.kept = [torch.ones(2**24) for _ in range(400)]
        return x

class Breaks(nn.Module):
    def forward(self, x):
        raise ArithmeticError("two and two\\nis five")

class Dies(nn.Module):
    def forward(self, x):
        import os
        os._exit(3)

class Leaks(nn.Module):
    def forward(self, x):
        torch.set_default_dtype(torch.float64)
        torch.set_num_threads(1)
        return x
"""


def quick(side: int = 33, **changed: Any) -> Experiment:
    return Experiment(**{"network": "squeezenet1_1", "input_shape": (1, 3, side, side), "threads": 1, "limits": QUICK} | changed)


@pytest.fixture(scope="module", autouse=True)
def _laboratory() -> Iterator[None]:
    yield
    lab.shutdown()


@pytest.fixture
def bad(tmp_path: Path) -> Any:
    """An experiment on one of the networks of BAD."""
    file = tmp_path / "bad.py"
    file.write_text(BAD)

    def make(name: str, **limits: Any) -> Experiment:
        network = lab.allow_file(f"{file}:{name}")
        return Experiment(network, input_shape=(1, 3), threads=1, limits=Limits(min_samples=6, max_samples=6, max_seconds=1.0, **limits))

    return make


def the_next_one_works() -> None:
    job = lab.submit(quick())
    status = lab.wait(job, PATIENCE)
    assert status.state == "done", status.message
    assert ledger.ledger().payload(job) is not None


def until(condition: Any, seconds: float = PATIENCE) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def running(experiment: Experiment, phase: str = "") -> str:
    """A job that is measuring."""
    job = lab.submit(experiment)
    assert until(lambda: lab.status(job).state == "running" and (not phase or lab.status(job).phase == phase)), lab.status(job)
    return job


def worker_pid() -> int | None:
    """Process id of the measuring process; None while there is none."""
    return next(iter(lab.pool("cpu").pids()), None)


def test_a_measurement_is_done_and_in_the_ledger_when_it_says_so() -> None:
    job = lab.submit(quick(35), session="browser-1")
    assert lab.status(job).state in {"queued", "starting", "running"}
    assert lab.result(job) is None
    assert lab.wait(job, PATIENCE).state == "done"
    found = lab.result(job)
    assert isinstance(found, lab.Measurement)
    payload = ledger.ledger().payload(job)
    assert payload is not None
    assert payload["median"] == found.median
    assert ledger.ledger().frame(id=job)["session"].tolist() == ["browser-1"]


def test_kill_9_of_the_worker_in_mid_measurement() -> None:
    job = running(quick(limits=ENDLESS), "measuring")
    pid = worker_pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    status = lab.wait(job, PATIENCE)
    assert status.state == "failed"
    assert "killed (SIGKILL" in status.message
    assert lab.result(job) is None
    the_next_one_works()
    assert worker_pid() != pid


def test_a_module_that_never_returns_is_stopped_by_the_time_limit(bad: Any) -> None:
    status = lab.wait(lab.submit(bad("Sleeps", job_seconds=1.0)), PATIENCE)
    assert (status.state, status.message) == ("failed", "Stopped after 1 s, the time limit of a job.")
    the_next_one_works()


def test_a_module_that_never_returns_is_cancelled(bad: Any) -> None:
    job = running(bad("Sleeps", job_seconds=900.0))
    time.sleep(0.3)
    lab.cancel(job)
    assert lab.wait(job, PATIENCE).state == "cancelled"


def test_the_memory_limit_ends_the_job_and_not_the_app(bad: Any) -> None:
    status = lab.wait(lab.submit(bad("Eats", memory_mb=300)), PATIENCE)
    assert status.state == "failed"
    assert "memory" in status.message
    the_next_one_works()


@pytest.mark.parametrize(("name", "words"), [("Breaks", "ArithmeticError: two and two"), ("Dies", "ended by itself (code 3)")])
def test_a_network_that_breaks_gets_a_sentence(bad: Any, name: str, words: str) -> None:
    status = lab.wait(lab.submit(bad(name)), PATIENCE)
    assert status.state == "failed"
    assert words in status.message
    assert "\n" not in status.message
    assert "Traceback" not in status.message


def test_nothing_that_a_file_does_reaches_the_next_job(bad: Any) -> None:
    job = lab.submit(bad("Leaks"))
    assert lab.wait(job, PATIENCE).state == "done"
    pid = worker_pid()
    next_job = lab.submit(quick(threads=None))
    assert lab.wait(next_job, PATIENCE).state == "done"
    assert worker_pid() != pid


def test_two_hundred_queued_jobs_with_cancels() -> None:
    blocker = running(quick(limits=ENDLESS))
    jobs = [lab.submit(quick(33 + i % 3), session=f"session-{i % 12}") for i in range(200)]
    assert lab.pool("cpu").waiting() == 200
    positions = sorted(lab.status(job).position for job in jobs)
    assert positions == list(range(1, 201))
    kept = jobs[::25]
    for job in jobs:
        if job not in kept:
            lab.cancel(job)
    assert lab.pool("cpu").waiting() == len(kept)
    lab.cancel(blocker)
    states = [lab.wait(job, PATIENCE).state for job in jobs]
    assert set(states) <= FINAL
    assert [s for s, j in zip(states, jobs, strict=True) if j in kept] == ["done"] * len(kept)
    assert states.count("cancelled") == 200 - len(kept)
    assert set(ledger.ledger().frame(id=jobs)["id"]) == set(kept), "what was reported done is there, and nothing else"


def test_one_user_cannot_fill_the_queue() -> None:
    blocker = running(quick(limits=ENDLESS))
    jobs = [lab.submit(quick(), session="mine") for _ in range(lab.MOST_UNFINISHED)]
    with pytest.raises(KnobError, match="at most 20 measurements of one user wait"):
        lab.submit(quick(), session="mine")
    lab.cancel(jobs.pop())
    jobs += [lab.submit(quick(), session="mine"), lab.submit(quick(), session="others")]
    newest = lab.submit(quick(), session="mine", replace=True)  # takes the place of all the others
    for job in (*jobs, newest, blocker):
        lab.cancel(job)


def test_a_turned_knob_replaces_the_sessions_older_jobs_only() -> None:
    blocker = running(quick(limits=ENDLESS))
    mine, others = lab.submit(quick(), session="mine"), lab.submit(quick(), session="others")
    newer = lab.submit(quick(37), session="mine", replace=True)
    assert lab.status(mine).state == "cancelled"
    assert lab.status(others).state == "queued"
    for job in (others, newer, blocker):
        lab.cancel(job)
    assert until(lambda: lab.status(blocker).over)


def test_a_locked_ledger_is_said_and_the_result_is_written_later() -> None:
    book = ledger.ledger()
    assert book.file is not None
    book.count()
    old, book.patience = book.patience, 0.1
    book._engine.dispose()
    try:
        holder = sqlite3.connect(book.file, isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        job = lab.submit(quick(39))
        status = lab.wait(job, PATIENCE)
        assert status.state == "done"
        assert "not yet in the ledger" in status.message
        assert "locked by another program" in status.message
        assert lab.result(job) is not None
        holder.execute("ROLLBACK")
        holder.close()
        assert book.flush() == 0
        assert book.payload(job) is not None
    finally:
        book.patience = old


def test_a_ledger_deleted_while_running_comes_back_with_what_was_done() -> None:
    book = ledger.ledger()
    first = lab.submit(quick(41))
    lab.wait(first, PATIENCE)
    assert book.file is not None
    for suffix in ("", "-wal", "-shm"):
        Path(f"{book.file}{suffix}").unlink(missing_ok=True)
    second = lab.submit(quick(43))
    assert lab.wait(second, PATIENCE).message == ""
    assert {first, second} <= set(book.rows()["id"])


APP = """
import sys
sys.path[:0] = [{root!r}]
from blocks.latency import lab
from blocks.latency.measure.experiment import Experiment, Limits
if __name__ == "__main__":
    limits = Limits(min_samples=6, max_samples=6, min_seconds=0.0, max_seconds={seconds}, warmup_seconds=0.01, job_seconds=900.0)
    jobs = [lab.submit(Experiment("squeezenet1_1", input_shape=(1, 3, 33, 33), threads=1, limits=limits)) for _ in range({count})]
    print("begun", flush=True)
    for job in jobs:
        status = lab.wait(job, 200)
        print(job, status.state, flush=True)
"""


def app(count: int, seconds: float = 1.0) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", APP.format(root=str(PACKAGE_ROOT), count=count, seconds=seconds)], stdout=subprocess.PIPE, text=True)


def test_two_apps_take_turns_and_lose_nothing() -> None:
    other = app(3)
    mine = [lab.submit(quick(45)) for _ in range(3)]
    assert [lab.wait(job, PATIENCE).state for job in mine] == ["done"] * 3
    said = other.communicate(timeout=PATIENCE)[0].splitlines()[1:]
    assert [line.split()[1] for line in said] == ["done"] * 3
    assert set(mine) | {line.split()[0] for line in said} <= set(ledger.ledger().frame(limit=10_000)["id"])


def test_the_worker_dies_with_the_app() -> None:
    lab.shutdown()
    parent = app(1, seconds=600.0)
    worker: list[psutil.Process] = []

    def found() -> bool:
        worker[:] = [p for p in psutil.Process(parent.pid).children(recursive=True) if "blocks.latency.measure.jobs" in " ".join(p.cmdline())]
        return bool(worker)

    assert until(found)
    parent.kill()
    parent.wait()
    assert until(lambda: not worker[0].is_running() or worker[0].status() == psutil.STATUS_ZOMBIE)


# --- Spread between processes ------------------------------------------------------------------------------


def test_fresh_processes_show_their_spread() -> None:
    job = lab.submit(quick(processes=2))
    assert lab.wait(job, PATIENCE).state == "done"
    found = lab.result(job)
    assert isinstance(found, lab.Measurement)
    assert len(found.process_medians) == 2
    assert found.n == 12
    assert found.low is not None
    assert found.high is not None
    assert found.low <= min(found.process_medians) <= max(found.process_medians) <= found.high
    assert found.remarks[0].startswith("2 fresh processes: their medians lie")


def test_six_processes_have_an_interval_of_their_medians() -> None:
    part = {
        "n": 7, "n_eff": 5.0, "minimum": 0.5, "maximum": 3.0, "samples": [1.0], "converged": True, "warmup": 2, "settled": True, "discarded": 0, "disturbed": 1,
        "joules_per_image": None, "remarks": ["It was loud."],
    }  # fmt: skip
    medians = [1.0, 1.2, 1.1, 1.4, 1.3, 1.5]
    found = combine([part | {"median": m, "low": m - 0.4, "high": m + 0.4} for m in medians])
    assert (found["median"], found["low"], found["high"]) == (pytest.approx(1.25), 1.0, 1.5)
    assert (found["n"], found["disturbed"], found["p90"], found["process_medians"]) == (42, 6, None, medians)
    assert found["remarks"][1:] == ["It was loud."]
    assert "40 % apart" in found["remarks"][0]
    few = combine([part | {"median": m, "low": m - 0.4, "high": m + 0.4} for m in medians[:3]])
    assert (few["low"], few["high"]) == (pytest.approx(0.6), pytest.approx(1.6))


# --- Queue and questions --------------------------------------------------------------------------------------


def test_sessions_take_turns() -> None:
    queue = FairQueue()
    for session, job in [("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"), ("c", "c1"), ("c", "c2")]:
        queue.add(session, job)
    expected = ["a1", "b1", "c1", "a2", "c2", "a3"]
    assert queue.order() == expected
    assert queue.remove("c1")
    assert not queue.remove("c1")
    taken = [queue.take() for _ in range(len(queue))]
    assert taken == ["a1", "b1", "c2", "a2", "a3"]
    assert queue.take() is None


@pytest.mark.parametrize(
    ("experiment", "words"),
    [
        (Experiment("resnet51"), "resnet5"),
        (Experiment("resnet50", knobs=(("se_ration", 4),)), "se_ratio"),
        (Experiment("/etc/x.py:Net", input_shape=(1, 2)), "from the command line only"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_once(experiment: Experiment, words: str) -> None:
    with pytest.raises(KnobError, match=words):
        lab.submit(experiment)


def test_a_comparison_needs_two_on_one_device() -> None:
    with pytest.raises(KnobError, match="two or more"):
        lab.compare([quick()])


def test_an_unknown_job_is_unknown() -> None:
    status = lab.status("no-such-job")
    assert (status.state, status.over) == ("unknown", True)
    assert lab.result("no-such-job") is None
    lab.cancel("no-such-job")


def test_a_job_whose_page_was_closed_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    from blocks.workers import job

    blocker = running(quick(limits=ENDLESS))
    closed, mine = lab.submit(quick(), session="a closed tab"), lab.submit(quick())
    monkeypatch.setattr(job, "ABANDONED_AFTER", 0.2)
    time.sleep(0.3)
    lab.cancel(blocker)
    assert lab.wait(mine, PATIENCE).state == "done", "a program's own job waits for ever"
    status = lab.status(closed)
    assert (status.state, status.message) == ("cancelled", "Cancelled: its page was closed.")
