"""A class of students: sessions that each turn a knob about every second, against one app on the loopback interface.

Prints the waits of first pages and of turns, how many turns were served, whether every figure was the session's own, the app's memory, and the processor time of
one turn beside that of a bare Streamlit page. With ``--find`` it also looks for the number of sessions at which the 95th percentile of a turn passes a second. A session
waits for its answer before it turns on, as people do.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import psutil

from blocks import catalog
from blocks.knobs import Knob, KnobError
from blocks.trace.errors import TraceError
from scripts.load_client import Client
from scripts.rounds import quartiles_text, ratio
from tests.browser.harness import ROOT, App, serve
from viz.kit.choice import Choice, analysed
from viz.kit.figures import HEADLINE
from viz.kit.knob_widgets import main_first, short_range

#: The networks that the class looks at, with blocks among them; each session has one.
CLASS_NETWORKS = (
    "resnet50",
    "mobilenet_v2",
    "vit_b_16",
    "densenet121",
    "resnext50_32x4d",
    "mobilenet_v3_large",
    "vgg16",
    "bottleneck",
    "seresnet50",
    "inverted_residual",
)
VALUES = 12  # of each knob
AIM = {"turn": 1.0, "first page": 3.0, "memory": 1.3}
FINDING = 40.0  # seconds of each class while the number is looked for
THINKS = 1.0  # seconds between an answer and the next turn, on average


@dataclass(frozen=True)
class Assignment:
    """What one session does: a network, one of its knobs, and the figures that the page must show, by value."""

    network: str
    knob: str
    figures: Mapping[float, Mapping[str, str]]


@dataclass
class Record:
    """What happened, in seconds."""

    first: list[float] = field(default_factory=list)
    turns: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    memory: list[tuple[float, int]] = field(default_factory=list)


def turnings() -> list[Assignment]:
    """Every number among the main knobs of the networks, with values that work."""
    found = []
    for name in CLASS_NETWORKS:
        for knob in main_first(catalog.knobs(name))[0]:
            figures = figures_by_value(name, knob) if knob.kind in ("int", "float") and knob.name != "se_ratio" else {}
            if len(figures) > 2:
                found.append(Assignment(name, knob.name, figures))
    return found


def figures_by_value(name: str, knob: Knob) -> dict[float, dict[str, str]]:
    """The headline figures as the page writes them, for the first values from the published one on that work."""
    start, step, real = knob.default, knob.step or 1, float if knob.kind == "float" else int
    assert isinstance(start, (int, float))
    found: dict[float, dict[str, str]] = {}
    end = short_range(knob)  # of the slider, where there is one
    for place in range(1, 4 * VALUES):
        value = real(round(start + place * step, 9))
        if end is not None and value > end:
            break
        try:
            knob.check(value)
            analysis = analysed(Choice(name, {knob.name: value}))
        except (KnobError, TraceError):
            continue
        found[value] = {figure.label: figure.form(figure.of(analysis)) for figure in HEADLINE}
        if len(found) == VALUES:
            break
    return found


async def student(url: str, does: Assignment, until: float, seed: int, record: Record) -> None:
    """One session: open the page, turn the knob until the time is over."""
    chance = random.Random(seed)
    start = time.perf_counter()
    client = await Client.open(url, "explore", f"net={does.network}")
    try:
        await client.run()
        record.first.append(time.perf_counter() - start)
        for value in cycle(does.figures):
            await asyncio.sleep(min(5.0, chance.expovariate(1 / THINKS)))
            if time.perf_counter() > until:
                return
            start = time.perf_counter()
            await client.turn(f"k0.{does.knob}", value)
            record.turns.append(time.perf_counter() - start)
            if client.metrics != does.figures[value] or client.errors:
                record.wrong.append(f"{does.network} {does.knob}={value}: {client.errors or client.metrics}")
                client.errors.clear()
    finally:
        await client.close()


async def class_of(apps: Sequence[App], sessions: int, seconds: float, does: Sequence[Assignment], record: Record) -> None:
    """So many sessions at once for so many seconds; each stays with one of the apps, as behind a proxy with sticky sessions."""
    until = time.perf_counter() + seconds
    watch = asyncio.create_task(_watch_memory(apps, record))
    chosen = [does[i * len(does) // sessions if sessions <= len(does) else i % len(does)] for i in range(sessions)]
    coming = (student(apps[i % len(apps)].url, each, until, i, record) for i, each in enumerate(chosen))
    results = await asyncio.gather(*coming, return_exceptions=True)
    watch.cancel()
    record.wrong += [f"{type(error).__name__}: {error}" for error in results if isinstance(error, BaseException)]


async def _watch_memory(apps: Sequence[App], record: Record) -> None:
    start = time.perf_counter()
    while True:
        record.memory.append((time.perf_counter() - start, sum(map(memory_of, apps))))
        await asyncio.sleep(2)


def memory_of(app: App) -> int:
    """Resident bytes of the app and its processes."""
    server = psutil.Process(app.process.pid)
    total = 0
    for process in (server, *server.children(recursive=True)):
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of them lie; nan of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def report(record: Record, sessions: int, seconds: float) -> bool:
    """Print what happened; whether it is what it should be."""
    p95, first = percentile(record.turns, 0.95), max(record.first, default=float("nan"))
    print(f"{sessions} sessions, {seconds:g} s: {len(record.turns)} turns, {len(record.turns) / seconds:.1f} a second")
    print(
        f"  a turn      median {percentile(record.turns, 0.5):.2f} s, 95 % {p95:.2f} s, longest {percentile(record.turns, 1):.2f} s (aim: 95 % {AIM['turn']:g} s)"
    )
    print(f"  first page  median {percentile(record.first, 0.5):.2f} s, longest {first:.2f} s (aim: {AIM['first page']:g} s)")
    after = [size for at, size in record.memory if at >= 60] or [size for _, size in record.memory]
    grown = after[-1] / after[0] if after else float("nan")
    print(f"  memory      {after[0] / 2**20:.0f} MiB after a minute, {after[-1] / 2**20:.0f} MiB at the end: {grown:.2f} times (aim: {AIM['memory']:g})")
    print(f"  wrong       {len(record.wrong)} of {len(record.turns)}" + "".join(f"\n    {words[:160]}" for words in record.wrong[:5]))
    return not record.wrong and p95 <= AIM["turn"] and first <= AIM["first page"] and grown <= AIM["memory"]


async def cost_of_a_turn(app: App, bare: App, rounds: int) -> None:
    """Print the app's processor time for a turn of resnet50's width per group, always to a new value, beside the bare page's in the same rounds."""
    ours = await Client.open(app.url, "explore", "net=resnet50")
    theirs = await Client.open(bare.url, "", "")
    await ours.run()
    await theirs.run()
    taken: dict[str, list[float]] = {"explore": [], "bare": []}
    for i in range(rounds + 2):
        for name, client, key, value, of in (("explore", ours, "k0.width_per_group", 65 + (i * 37) % 400, app), ("bare", theirs, "knob", 1 + i, bare)):
            start = _processor_time(of)
            await client.turn(key, value)
            await asyncio.sleep(0.5)  # what goes on after the answer counts too
            taken[name].append(_processor_time(of) - start)
    taken = {name: times[2:] for name, times in taken.items()}  # the first warm up
    for name, times in taken.items():
        print(f"processor time of a turn, {name:8} median {statistics.median(times) * 1e3:.0f} ms, longest {max(times) * 1e3:.0f} ms")
    print(f"  explore / bare {quartiles_text(ratio(taken['explore'], taken['bare']))}")
    await ours.close()
    await theirs.close()


def _processor_time(app: App) -> float:
    times = psutil.Process(app.process.pid).cpu_times()
    return times.user + times.system


def main() -> None:
    """Print a report; the exit status says whether the aims were met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--processes", type=int, default=1, help="app processes that share the sessions, as replicas behind a proxy do")
    parser.add_argument("--rounds", type=int, default=30, help="of the comparison with a bare page; 0 for none")
    parser.add_argument("--find", action="store_true", help="look for the number of sessions at which the 95th percentile passes a second")
    options = parser.parse_args()
    print(f"{os.cpu_count()} processors, load before {os.getloadavg()[0]:.1f}")
    does = turnings()
    home = Path(tempfile.mkdtemp(prefix="load-"))
    if options.rounds:
        with serve(home / "turn") as app, serve(home / "bare", ROOT / "scripts" / "bare_page.py", configured=False) as bare:
            asyncio.run(cost_of_a_turn(app, bare, options.rounds))
    if options.find:
        find(home, options.processes, does)
    record = run_class(home / "class", options.processes, options.sessions, options.seconds, does)
    raise SystemExit(0 if report(record, options.sessions, options.seconds) else 1)


def run_class(home: Path, processes: int, sessions: int, seconds: float, does: Sequence[Assignment]) -> Record:
    """A class against apps of its own."""
    record = Record()
    with ExitStack() as running:
        apps = [running.enter_context(serve(home / str(i))) for i in range(processes)]
        asyncio.run(class_of(apps, sessions, seconds, does, record))
    return record


def find(home: Path, processes: int, does: Sequence[Assignment]) -> None:
    """Double the class until a turn takes too long, then halve the step."""
    fits, too_many, sessions = 0, 0, 4
    while not too_many or too_many - fits > max(1, fits // 8):
        record = run_class(home / f"class-{sessions}", processes, sessions, FINDING, does)
        p95 = percentile(record.turns, 0.95)
        print(f"{sessions} sessions: 95 % of the turns within {p95:.2f} s, {len(record.turns) / FINDING:.1f} turns a second", flush=True)
        fits, too_many = (sessions, too_many) if p95 <= AIM["turn"] else (fits, sessions)
        sessions = (fits + too_many) // 2 if too_many else 2 * sessions
    print(f"the 95th percentile passes {AIM['turn']:g} s at {too_many} sessions")


if __name__ == "__main__":
    main()
