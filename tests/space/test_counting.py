"""The counting processes: the same figures as here, progress, cancel, a process that dies, an end with the app."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import psutil
import pytest

from blocks.space import counting
from blocks.space.count import NetworkVariant, Setup, count_variants
from blocks.space.handler import pack, unpack
from blocks.workers.process import PACKAGE_ROOT, WorkerProcess

SECONDS = 120


@pytest.fixture(scope="module", autouse=True)
def _ended() -> Iterator[None]:
    yield
    counting.stop_counting()


def variants(n: int) -> list[NetworkVariant]:
    return [NetworkVariant({"width_mult": 0.4 + i / 300, "expansion": float(1 + i % 5)}, 64 + 32 * (i % 3)) for i in range(n)]


def test_a_job_counts_what_a_count_here_does_with_errors_in_their_places() -> None:
    items = [*variants(30), NetworkVariant({"expansion": 1e6}), *variants(5)]
    job = counting.count_in_background(Setup("mobilenet_v2"), items)
    assert job.wait(SECONDS)
    assert (job.state, job.done, job.total) == ("done", 36, 36)
    here = count_variants(Setup("mobilenet_v2"), items)
    assert np.array_equal(job.figures, here.figures)
    assert job.errors == here.errors
    assert list(job.errors) == [30]


def test_networks_may_be_mixed_in_one_job() -> None:
    items = [(Setup(name, batch=b), NetworkVariant()) for name, b in (("vgg11", 1), ("resnet18", 2), ("mobilenet_v2", 3), ("resnet18", 1))]
    job = counting.count_all_in_background(items)
    assert job.wait(SECONDS)
    for row, (setup, variant) in zip(job.figures, items, strict=True):
        assert np.array_equal(row, count_variants(setup, [variant]).figures[0])


def test_a_job_is_cancelled_and_the_next_one_runs() -> None:
    long = counting.count_in_background(Setup("efficientnet_b0"), [NetworkVariant({"depth_mult": 1 + i / 100}) for i in range(800)])
    long.cancel()
    assert long.over
    assert long.state == "cancelled"
    short = counting.count_in_background(Setup("mobilenet_v2"), variants(3))
    assert short.wait(SECONDS)
    assert short.state == "done"
    assert long.state == "cancelled"
    assert (long.figures[:, 0] < 0).any()


def test_an_empty_job_is_done_at_once() -> None:
    assert counting.count_in_background(Setup("resnet18"), []).state == "done"


def test_what_a_killed_process_had_is_counted_by_another() -> None:
    warm = counting.count_in_background(Setup("mobilenet_v2"), variants(1))
    assert warm.wait(SECONDS)
    pool = counting._pool
    job = counting.count_in_background(Setup("resnet18"), [NetworkVariant({"depths": (1, 1 + i % 3, 1 + i // 3, 2)}) for i in range(24)])
    ids = {piece.id for piece in job._pieces}

    def at_work() -> list[WorkerProcess]:
        return [s.process for s in pool._seats if s.job is not None and s.job.id in ids and s.job.state == "running" and s.process is not None]

    while not (busy := at_work()):
        time.sleep(0.01)
    busy[0].kill()  # one only: the second could by now have the first one's piece, and a piece that has ended two processes is given up
    assert job.wait(SECONDS)
    assert job.state == "done", job.error
    assert (job.figures > 0).all()


def test_tuples_survive_the_pipe() -> None:
    variant = NetworkVariant({"depths": (1, 2, 3), "width_mult": 0.5, "norm": "batch", "se_bias": True}, 97)
    assert unpack(pack(variant)) == variant
    raw = [{"depths": [1, 2, 3], "width_mult": 0.5, "norm": "batch", "se_bias": True}, 97]
    assert unpack(raw) == variant


def test_the_processes_are_bounded_and_end_with_the_app() -> None:
    script = (
        "import os, sys, time\nfrom blocks.space import counting\nfrom blocks.space.count import NetworkVariant, Setup\n"
        "jobs = [counting.count_in_background(Setup('resnet18'), [NetworkVariant({'width_mult': 0.5 + i / 10}) for i in range(9)]) for _ in range(6)]\n"
        "for job in jobs: job.wait()\n"
        "print(*counting._pool.pids(), flush=True)\nos._exit(0) if sys.argv[1] == 'killed' else None\n"
    )
    for how in ("killed", "left"):
        out = subprocess.run([sys.executable, "-c", script, how], capture_output=True, text=True, timeout=SECONDS, cwd=PACKAGE_ROOT, check=True)
        pids = [int(p) for p in out.stdout.split()]
        assert 1 <= len(pids) <= counting.counting_processes() <= (os.cpu_count() or 1)
        until = time.monotonic() + 20
        while any(_alive(p) for p in pids) and time.monotonic() < until:
            time.sleep(0.05)
        assert not any(_alive(p) for p in pids)


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
