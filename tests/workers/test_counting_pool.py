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

from blocks.space.count import Setup, Variant, count
from blocks.space.worker import pack, unpack
from blocks.workers import counting_pool

SECONDS = 120


@pytest.fixture(scope="module", autouse=True)
def _ended() -> Iterator[None]:
    yield
    counting_pool.shutdown()


def variants(n: int) -> list[Variant]:
    return [Variant({"width_mult": 0.4 + i / 300, "expansion": float(1 + i % 5)}, 64 + 32 * (i % 3)) for i in range(n)]


def test_a_job_counts_what_a_count_here_does_with_errors_in_their_places() -> None:
    items = [*variants(30), Variant({"expansion": 1e6}), *variants(5)]
    job = counting_pool.submit(Setup("mobilenet_v2"), items)
    assert job.wait(SECONDS)
    assert (job.state, job.done, job.total) == ("done", 36, 36)
    here = count(Setup("mobilenet_v2"), items)
    assert np.array_equal(job.figures, here.figures)
    assert job.errors == here.errors
    assert list(job.errors) == [30]


def test_networks_may_be_mixed_in_one_job() -> None:
    items = [(Setup(name, batch=b), Variant()) for name, b in (("vgg11", 1), ("resnet18", 2), ("mobilenet_v2", 3), ("resnet18", 1))]
    job = counting_pool.submit_all(items)
    assert job.wait(SECONDS)
    for row, (setup, variant) in zip(job.figures, items, strict=True):
        assert np.array_equal(row, count(setup, [variant]).figures[0])


def test_a_job_is_cancelled_and_the_next_one_runs() -> None:
    long = counting_pool.submit(Setup("efficientnet_b0"), [Variant({"depth_mult": 1 + i / 100}) for i in range(800)])
    long.cancel()
    assert long.over
    assert long.state == "cancelled"
    short = counting_pool.submit(Setup("mobilenet_v2"), variants(3))
    assert short.wait(SECONDS)
    assert short.state == "done"
    assert long.state == "cancelled"
    assert (long.figures[:, 0] < 0).any()


def test_an_empty_job_is_done_at_once() -> None:
    assert counting_pool.submit(Setup("resnet18"), []).state == "done"


def test_what_a_killed_process_had_is_counted_by_another() -> None:
    warm = counting_pool.submit(Setup("mobilenet_v2"), variants(1))
    assert warm.wait(SECONDS)
    running = counting_pool._pool().processes
    job = counting_pool.submit(Setup("resnet18"), [Variant({"depths": (1, 1 + i % 3, 1 + i // 3, 2)}) for i in range(24)])
    while not any(piece is not None and piece.job is job for _, piece, _ in list(running.values())):
        time.sleep(0.01)
    for process, piece, _ in list(running.values()):
        if piece is not None and piece.job is job:
            process.kill()
    assert job.wait(SECONDS)
    assert job.state == "done"
    assert (job.figures > 0).all()


def test_tuples_survive_the_pipe() -> None:
    variant = Variant({"depths": (1, 2, 3), "width_mult": 0.5, "norm": "batch", "se_bias": True}, 97)
    assert unpack(pack(variant)) == variant
    raw = [{"depths": [1, 2, 3], "width_mult": 0.5, "norm": "batch", "se_bias": True}, 97]
    assert unpack(raw) == variant


def test_the_processes_are_bounded_and_end_with_the_app() -> None:
    script = (
        "import os, sys, time\nfrom blocks.space import pool\nfrom blocks.space.count import Setup, Variant\n"
        "jobs = [pool.submit(Setup('resnet18'), [Variant({'width_mult': 0.5 + i / 10}) for i in range(9)]) for _ in range(6)]\n"
        "for job in jobs: job.wait()\n"
        "print(*[p.pid for p, _, _ in pool._pool().processes.values()], flush=True)\nos._exit(0) if sys.argv[1] == 'killed' else None\n"
    )
    for how in ("killed", "left"):
        out = subprocess.run([sys.executable, "-c", script, how], capture_output=True, text=True, timeout=SECONDS, cwd=counting_pool.ROOT, check=True)
        pids = [int(p) for p in out.stdout.split()]
        assert 1 <= len(pids) <= counting_pool.workers() <= (os.cpu_count() or 1)
        until = time.monotonic() + 20
        while any(_alive(p) for p in pids) and time.monotonic() < until:
            time.sleep(0.05)
        assert not any(_alive(p) for p in pids)


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
