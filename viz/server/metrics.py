"""``/metrics``: what the server counts, as Prometheus reads it. Each process of the app answers for itself.

Only who sits on this machine may read it, and no proxy's client, unless ``EXPLORER_METRICS=open``. Streamlit's own counts are never read from elsewhere: no
proxy is told to keep them inside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import psutil
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from blocks import __version__
from blocks.workers import census
from viz.server.paths import from_this_machine, path_of
from viz.server.turns import BOUNDS, TurnCounts

METRICS_PATH, STREAMLITS_OWN = "/metrics", "/_stcore/metrics"
_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_Sample = tuple[str, Mapping[str, str], float]  # what follows the family's name, labels, value


class Metrics:
    """ASGI middleware that answers for ``turns`` and the pools of worker processes."""

    def __init__(self, app: ASGIApp, turns: TurnCounts, is_open: bool) -> None:
        self._app, self._turns, self._open = app, turns, is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = path_of(scope) if scope["type"] == "http" else ""
        if path not in (METRICS_PATH, STREAMLITS_OWN):
            await self._app(scope, receive, send)
        elif not (self._open and path == METRICS_PATH) and not from_this_machine(scope):
            await PlainTextResponse("Only clients on this machine may read this; EXPLORER_METRICS=open lets everybody.\n", 403)(scope, receive, send)
        elif path == METRICS_PATH:
            await PlainTextResponse(exposition(self._turns), headers={"Content-Type": _TYPE, "Cache-Control": "no-store"})(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def exposition(turns: TurnCounts) -> str:
    """All metrics in Prometheus' text format."""
    return "".join(line for family in (*_of_turns(turns), *_of_workers(), *_of_process()) for line in family)


def metric_family(name: str, kind: str, says: str, samples: Iterable[_Sample]) -> Iterator[str]:
    """The lines of one metric."""
    yield f"# HELP {name} {says}\n# TYPE {name} {kind}\n"
    for suffix, labels, value in samples:
        said = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        yield f"{name}{suffix}{f'{{{said}}}' if said else ''} {value!r}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _of_turns(turns: TurnCounts) -> Iterator[Iterator[str]]:
    yield metric_family("explorer_info", "gauge", "The version that runs.", [("", {"version": __version__}, 1)])
    yield metric_family("explorer_sessions", "gauge", "Browsers that are connected.", [("", {}, turns.sessions)])
    yield metric_family(
        "explorer_turns_total", "counter", "Runs of a page or of a fragment of one; overtaken: a newer request came, or the page ran itself again.",
        [("", {"kind": kind, "outcome": outcome}, n) for (kind, outcome), n in sorted(turns.ended.items())],
    )  # fmt: skip
    yield metric_family("explorer_turn_seconds", "histogram", "From a browser's request until the page has run.", _histogram(turns))


def _histogram(turns: TurnCounts) -> Iterator[_Sample]:
    for kind, counts in turns.within.items():
        so_far = 0
        for bound, n in zip((*map(repr, BOUNDS), "+Inf"), counts, strict=True):
            so_far += n
            yield "_bucket", {"kind": kind, "le": bound}, so_far
        yield "_sum", {"kind": kind}, round(float(turns.seconds[kind]), 6)
        yield "_count", {"kind": kind}, so_far


def _of_workers() -> Iterator[Iterator[str]]:
    pools = census.pools()
    titles = [(pool, {"pool": pool.title, "number": str(number)}) for number, pool in enumerate(pools)]
    yield metric_family("explorer_queue_jobs", "gauge", "Jobs that wait for a worker process.", [("", labels, pool.waiting()) for pool, labels in titles])
    yield metric_family(
        "explorer_jobs", "gauge", "Jobs by state; of those that are over, the last ones that a pool remembers.",
        [("", {**labels, "state": state}, n) for pool, labels in titles for state, n in sorted(pool.states().items())],
    )  # fmt: skip
    yield metric_family("explorer_jobs_ended_total", "counter", "Jobs that are over.", [("", {"state": s}, n) for s, n in sorted(census.ended().items())])
    crashes = [("", {"kind": kind}, n) for kind, n in sorted(census.crashed().items())]
    yield metric_family("explorer_worker_crashes_total", "counter", "Worker processes that died under a job.", crashes)
    processes = [(labels, pool.pids()) for pool, labels in titles]
    yield metric_family("explorer_worker_processes", "gauge", "Worker processes that live.", [("", labels, len(pids)) for labels, pids in processes])
    yield metric_family(
        "explorer_worker_resident_bytes", "gauge", "Their resident memory.", [("", labels, sum(map(_resident, pids))) for labels, pids in processes]
    )


def _resident(pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:  # it ended just now
        return 0


def _of_process() -> Iterator[Iterator[str]]:
    me = psutil.Process()
    with me.oneshot():
        times, memory, began = me.cpu_times(), me.memory_info().rss, me.create_time()
    yield metric_family("process_resident_memory_bytes", "gauge", "Resident memory of the app.", [("", {}, memory)])
    yield metric_family("process_cpu_seconds_total", "counter", "Processor time of the app.", [("", {}, round(times.user + times.system, 2))])
    yield metric_family("process_start_time_seconds", "gauge", "When the app started, in seconds since 1970.", [("", {}, began)])
