"""The metrics: in Prometheus' format, with the figures of the app, and not for everybody."""

from __future__ import annotations

import re

import psutil
import pytest

from blocks.workers.job import Job
from blocks.workers.pool import Pool
from tests.asgi import ask, pages
from viz.server.metrics import Metrics, exposition, metric_family
from viz.server.turns import TurnCounts

HERE = "127.0.0.1"
_LINE = re.compile(r'(?P<name>[a-z_]+)(\{(?P<labels>[a-z]+="([^"\\]|\\.)*"(,[a-z]+="([^"\\]|\\.)*")*)\})? (?P<value>[-+0-9.e]+)')


def read(text: str) -> dict[str, float]:
    """The samples of a text, by name with labels; every line is checked against the format, every sample against its family's declaration."""
    found: dict[str, float] = {}
    kinds: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            kinds[name] = kind
        elif not line.startswith("# HELP "):
            match = _LINE.fullmatch(line)
            assert match, line
            family = match["name"] if match["name"] in kinds else re.sub(r"_(bucket|sum|count)$", "", match["name"])
            assert kinds[family] in ("gauge", "counter") or family != match["name"]
            found[line.rpartition(" ")[0]] = float(match["value"])
    return found


def test_turns_are_a_count_and_a_cumulative_histogram() -> None:
    turns = TurnCounts()
    turns.sessions = 3
    for seconds in (0.03, 0.04, 0.7, 100.0):
        turns.took("page", "done", seconds)
    turns.took("page", "overtaken", 0.0)
    found = read(exposition(turns))
    assert found["explorer_sessions"] == 3
    assert found['explorer_turns_total{kind="page",outcome="done"}'] == 4
    assert found['explorer_turns_total{kind="page",outcome="overtaken"}'] == 1
    buckets = [found[f'explorer_turn_seconds_bucket{{kind="page",le="{le}"}}'] for le in ("0.025", "0.05", "0.5", "1.0", "30.0", "+Inf")]
    assert buckets == [0, 2, 2, 3, 3, 4]
    assert found['explorer_turn_seconds_sum{kind="page"}'] == pytest.approx(100.77)
    assert found['explorer_turn_seconds_count{kind="page"}'] == 4


def test_the_process_is_measured() -> None:
    found = read(exposition(TurnCounts()))
    memory = psutil.Process().memory_info().rss
    assert found["process_resident_memory_bytes"] == pytest.approx(memory, rel=0.2)
    assert 0 < found["process_cpu_seconds_total"] <= sum(psutil.Process().cpu_times()[:2]) + 0.1


def test_jobs_and_processes_of_the_pools_are_counted() -> None:
    before = read(exposition(TurnCounts()))
    pool = Pool("tests.workers.echo:Echo", title='odd "title"\\')
    jobs = [Job(f"metrics {i}", "die" if i == 2 else "echo", {"code": 3}, "a tab") for i in range(3)]
    pool.submit(*jobs)
    try:
        assert all(job.finished.wait(120) for job in jobs)
        found = read(exposition(TurnCounts()))
    finally:
        pool.stop()
    [label] = {key.partition("{")[2].partition(",number")[0] for key in found if "odd" in key}
    assert label == 'pool="odd \\"title\\"\\\\"'
    state = {key.partition('state="')[2].rstrip('"}'): n for key, n in found.items() if key.startswith("explorer_jobs{") and "odd" in key}
    assert state == {"done": 2, "failed": 1}
    assert found['explorer_jobs_ended_total{state="done"}'] - before.get('explorer_jobs_ended_total{state="done"}', 0) == 2
    crashed = 'explorer_worker_crashes_total{kind="die"}'
    assert found[crashed] - before.get(crashed, 0) == 1
    assert [n for key, n in found.items() if key.startswith("explorer_queue_jobs{") and "odd" in key] == [0]


def test_a_family_is_its_lines() -> None:
    lines = "".join(metric_family("a", "gauge", "Says.", [("", {"b": 'x"\n'}, 1.5)]))
    assert lines == '# HELP a Says.\n# TYPE a gauge\na{b="x\\"\\n"} 1.5\n'


@pytest.mark.parametrize("path", ["/metrics", "/_stcore/metrics"])
def test_only_this_machine_reads_them(path: str) -> None:
    closed = Metrics(pages, TurnCounts(), is_open=False)
    assert ask(closed, path, client=HERE).status == 200
    assert ask(closed, path, client="192.0.2.1").status == 403
    assert ask(closed, path, client=HERE, headers={"X-Forwarded-For": "192.0.2.1"}).status == 403
    assert ask(Metrics(pages, TurnCounts(), is_open=True), path, client="192.0.2.1").status == (200 if path == "/metrics" else 403)


def test_everything_else_passes() -> None:
    assert ask(Metrics(pages, TurnCounts(), is_open=False), "/explore", client="192.0.2.1").text == "the pages"
