"""Runs named steps one after the other, each in a process of its own, within one budget of seconds.

A step is a generator function ``module:function`` that takes a :class:`StepTask` and yields records (JSON values). A record is kept as soon
as it is yielded, so a step that fails, crashes or is killed at its limit keeps what it had found. CUDA errors such as an illegal address
leave a process unusable; that is why steps do not share one.
"""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

StepRecord = dict[str, Any]

GRACE = 10.0  # seconds beyond its budget after which a step is killed: one measurement cannot be interrupted
IMPORTS = 90.0  # seconds at most until a step begins: the first one waits for torch to be imported


@dataclass(frozen=True)
class StepTask:
    """What a step is told: the device, its own seconds, whether sizes are tiny, and the records of the steps before it."""

    device: str
    seconds: float
    quick: bool = False
    found: dict[str, list[StepRecord]] = field(default_factory=dict)


class Skipped(Exception):
    """Raised by a step that does not apply here; the message says why."""


@dataclass(frozen=True)
class CheckStep:
    """A step by name. ``weight`` is its share of the seconds that are left when it begins, against the steps after it."""

    name: str
    function: str
    weight: float


@dataclass
class StepOutcome:
    """How a step ended. ``status``: done, skipped, failed (it raised or crashed) or cut (killed at its limit, or never begun)."""

    status: str
    seconds: float = 0.0
    budget: float = 0.0
    error: str | None = None
    records: list[StepRecord] = field(default_factory=list)


def run_steps(
    steps: Sequence[CheckStep], task: StepTask, total: float, after: Callable[[str, StepOutcome], None] = lambda _name, _outcome: None
) -> dict[str, StepOutcome]:
    """Outcomes by name; ``after`` hears of each as it ends. Takes ``total`` seconds at most: unused time goes to the steps that follow."""
    end = time.monotonic() + total
    context = _context(steps)
    outcomes: dict[str, StepOutcome] = {}
    for i, step in enumerate(steps):
        left = end - time.monotonic()
        if left < 1:
            outcome = StepOutcome("cut", error="no time was left")
        else:
            seconds = left * step.weight / sum(s.weight for s in steps[i:])
            found = {name: earlier.records for name, earlier in outcomes.items()}
            outcome = _run_one(context, step, StepTask(task.device, seconds, task.quick, found), end)
        outcomes[step.name] = outcome
        after(step.name, outcome)
    return outcomes


def _context(steps: Sequence[CheckStep]) -> object:
    """A fork server that has imported the steps' modules once; where there is none (Windows), fresh interpreters."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(sorted({step.function.partition(":")[0] for step in steps}))
    return context


def _run_one(context: Any, step: CheckStep, task: StepTask, end: float) -> StepOutcome:
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(step.function, task, sender))
    begin = time.monotonic()
    process.start()
    sender.close()
    outcome = StepOutcome("failed", budget=task.seconds)
    try:
        _collect(receiver, process, outcome, end)
    finally:
        _kill(process)
        receiver.close()
        outcome.seconds = time.monotonic() - begin
    return outcome


def _collect(receiver: Connection, process: BaseProcess, outcome: StepOutcome, end: float) -> None:
    """Take records until the step says how it ended, its process is gone, or the time is over."""
    until = min(end, time.monotonic() + IMPORTS)
    while receiver.poll(max(0.0, until - time.monotonic())):
        try:
            kind, value = receiver.recv()
        except EOFError:
            process.join(5)
            outcome.error = f"the process ended with exit code {process.exitcode}"
            return
        if kind == "begun":
            until = min(end, time.monotonic() + outcome.budget + GRACE)
        elif kind == "record":
            outcome.records.append(value)
        else:
            outcome.status, outcome.error = kind, value
            return
    outcome.status, outcome.error = "cut", "killed at its time limit"


def _kill(process: BaseProcess) -> None:
    """End the step's process and what it started (a compiler, pytest); it leads a session of its own."""
    if process.pid is not None and hasattr(os, "killpg"):
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.join(10)


def _child(function: str, task: StepTask, sender: Connection) -> None:
    if hasattr(os, "setsid"):
        os.setsid()
    try:
        step = _imported(function)
        sender.send(("begun", None))
        for record in step(task):
            sender.send(("record", record))
    except Skipped as reason:
        sender.send(("skipped", str(reason)))
    except BaseException as error:  # whatever a step raises is its result
        traceback.print_exc()
        sender.send(("failed", f"{type(error).__name__}: {error}"[:2000]))
    else:
        sender.send(("done", None))


def _imported(function: str) -> Callable[[StepTask], Iterator[StepRecord]]:
    module, _, name = function.partition(":")
    found: Callable[[StepTask], Iterator[StepRecord]] = getattr(importlib.import_module(module), name)
    return found
