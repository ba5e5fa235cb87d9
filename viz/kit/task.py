"""Work beside a page: one interface for everything that a page starts, follows, stops and shows the result of.

A page never waits. It starts a task with :func:`begin`, which keeps it under a key for the browser session, and draws it with :func:`live`: at once,
again while it runs, and then the whole page once more, because a result may show in other parts of it.

A task ends with its session: where the browser is gone it is stopped (:mod:`viz.kit.wanted`). When the user only leaves the page, a job of the lab is
cancelled when no page has asked for it for a while, a thread of an experiment ends at its next step, and a count when nobody has come back to it.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Literal

import streamlit as st

from blocks.knobs import KnobError
from blocks.language import retell, tr, translatable
from blocks.workers.job import Job
from viz.kit.markdown import error_box
from viz.kit.wanted import connected, want

TaskState = Literal["waiting", "running", "done", "stopped", "failed"]
#: The state of a task that is a job of a pool (:class:`blocks.workers.job.Job`), by the job's.
JOB_STATES: dict[str, TaskState] = {
    "queued": "waiting",
    "starting": "running",
    "running": "running",
    "done": "done",
    "failed": "failed",
    "cancelled": "stopped",
}
_TASKS = "tasks"


class Task(ABC):
    """One piece of work. ``about`` is what it works on, to tell whether its result still belongs to what the page shows."""

    about: Any = None

    @property
    @abstractmethod
    def state(self) -> TaskState:
        """Where it stands; "done", "stopped" and "failed" are final."""

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""
        return 0.0

    @property
    def message(self) -> str:
        """What it does now; once it is over, why it has no result."""
        return self.state

    @property
    def partial(self) -> object:
        """What is known before the end; None while there is nothing."""
        return None

    @property
    @abstractmethod
    def result(self) -> Any:
        """What came out; None before it is done."""

    @abstractmethod
    def stop(self) -> None:
        """Ask it to end, without waiting for it. Does nothing to a task that is over."""

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ("done", "stopped", "failed")

    @property
    def ended(self) -> bool:
        """As :attr:`over`, where asking shall be no sign that a user waits for it."""
        return self.over


class JobTask(Task):
    """The ``job`` of a pool that expires, on what ``about`` names. Asking for its state keeps it from being given up; ``cancel`` ends it."""

    def __init__(self, job: Job, about: object, cancel: Callable[[Job], None]) -> None:
        self.job, self.about, self._cancel = job, about, cancel

    @property
    def state(self) -> TaskState:
        """As :class:`Task`."""
        self.job.asked = time.monotonic()
        return JOB_STATES[self.job.state]

    @property
    def message(self) -> str:
        """Why there is no result, once it is over."""
        return retell(self.job.message)

    @property
    def result(self) -> Any:
        """The job's, as its handler gives it."""
        return self.job.result

    def stop(self) -> None:
        """Cancel it."""
        self._cancel(self.job)


# --- Kept for the session ------------------------------------------------------------------------


def tasks() -> dict[str, Task]:
    """This browser session's tasks by key."""
    kept: dict[str, Task] = st.session_state.setdefault(_TASKS, {})
    return kept


def begin(key: str, start: Callable[[], Task], say: Callable[[KnobError], str] = str) -> Task | None:
    """Stop the task under ``key`` and start another in its place.

    Where ``start`` raises KnobError, the page says so in the words of ``say``, the old task stays with what it found, and the answer is None.
    """
    if key in tasks():
        tasks()[key].stop()
    try:
        tasks()[key] = start()
    except KnobError as error:
        error_box(say(error))
        return None
    want(tasks()[key], connected())
    return tasks()[key]


def running(several: Sequence[Task | None]) -> bool:
    """Whether one of them is not over."""
    over = [task.over for task in several if task is not None]  # each is asked, which tells the lab that it is wanted
    return not all(over)


# --- On the page ---------------------------------------------------------------------------------


def live(several: Sequence[Task | None], draw: Callable[[], object], *, every: float | None = 0.5) -> None:
    """Call ``draw`` now, and again each ``every`` seconds while one of the tasks runs; when the last one ends the whole page runs once more.

    ``every`` is None for paper, where nothing moves.
    """
    under_way = running(several)
    st.fragment(_tick, run_every=every if under_way else None)(several, draw, under_way)


def _tick(several: Sequence[Task | None], draw: Callable[[], object], was_running: bool) -> None:
    draw()
    if was_running and not running(several):
        st.rerun()


def progress(task: Task, words: str = "", *, stop: str = "", stop_label: str = translatable("Stop")) -> None:
    """The bar of a task that runs, with its own message or ``words``, and a button that ends it where ``stop`` is the button's key.

    Of a task that is over without a result it is a sentence that says why; of one with a result, nothing.
    """
    if task.over:
        if task.result is None:
            (st.info if task.state == "stopped" else st.error)(task.message, icon=":material/info:")
        return
    bar: Any = st
    if stop:
        bar, right = st.columns([5, 1], vertical_alignment="center")
        right.button(stop_label, key=stop, icon=":material/stop:", on_click=task.stop)
    bar.progress(task.share, words or task.message)


def start_button(name: str, start: Callable[[], Task], label: str, *, key: str, icon: str, **options: Any) -> Task | None:
    """A button that starts the task ``name``, and stops it while it runs; further ``options`` go to st.button. Returns the task, None before the first."""
    task = tasks().get(name)
    busy = task is not None and not task.over
    if st.button(tr("Stop") if busy else label, key=key, icon=":material/stop:" if busy else icon, **options):
        if task is not None and busy:
            task.stop()
        elif begin(name, start) is None:
            return task
        st.rerun()
    return task
