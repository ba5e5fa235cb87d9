"""What a browser session keeps of the Latency page: networks, conditions, section, their address, and the jobs under way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from blocks.latency import lab
from viz.kit.board import Board
from viz.kit.choice import Choice
from viz.kit.links import latency
from viz.latency.settings import Conditions, first_device, read

_KEPT = "latency.page"
SECTIONS = {
    "measure": "Measure",
    "versus": "A against B",
    "profile": "Where the time goes",
    "roofline": "Roofline",
    "predict": "What predicts latency",
    "sweep": "Sweep",
    "ledger": "Ledger",
}
_FIRST = 1000  # number of the first variant here: its widgets are not those of the Compare page


@dataclass
class Task:
    """A job of the laboratory with what it is about, as the section that started it wants it remembered."""

    job: str
    about: Any = None
    result: Any = None


@dataclass
class State:
    """The page in one session. ``address`` is what it was read from or written to last; ``problems`` what was wrong with it."""

    board: Board = field(default_factory=lambda: Board(numbers=_FIRST))
    conditions: Conditions = field(default_factory=Conditions)
    section: str = "measure"
    address: tuple[tuple[str, str], ...] = ()
    written: tuple[tuple[str, str], ...] = ()
    problems: list[str] = field(default_factory=list)
    generation: int = 0  # part of the conditions' keys: a new address gets new widgets
    tasks: dict[str, Task] = field(default_factory=dict)

    def query(self) -> tuple[tuple[str, str], ...]:
        """The address that stands for this state."""
        conditions = self.conditions.write()
        if self.conditions.device == first_device():
            conditions.pop("device", None)
        return tuple(latency(self.board.variants(), "" if self.section == "measure" else self.section, **conditions).query)


def state() -> State:
    """This session's page: read anew when the address changed from outside, ResNet-50 where there is nothing yet."""
    kept: State | None = st.session_state.get(_KEPT)
    address = tuple((name, value) for name in st.query_params for value in st.query_params.get_all(name))
    if kept is None or (address and address != kept.address):
        kept = kept or State()
        st.session_state[_KEPT] = kept
        _open(kept, address)
    return kept


def _open(kept: State, address: tuple[tuple[str, str], ...]) -> None:
    params = dict(address)
    kept.conditions, kept.problems = read(params)
    kept.section = params.get("section", "measure")
    if kept.section not in SECTIONS:
        kept.problems.append(f"There is no section {kept.section}; there are {', '.join(SECTIONS)}.")
        kept.section = "measure"
    texts = [value for name, value in address if name == "v"]
    kept.board.open(texts)
    if not kept.board.slots:
        kept.board.add(Choice())
    kept.generation += 1
    kept.address, kept.written = address, kept.query()


def keep(kept: State) -> None:
    """Write the state into the address; a link with something wrong in it stays until the person changes something."""
    query = kept.query()
    if query != kept.written:
        kept.written, kept.problems, kept.board.problems = query, [], []
    if not kept.problems and not kept.board.problems and query != kept.address:
        kept.address = query
        merged: dict[str, list[str]] = {}
        for name, value in query:
            merged.setdefault(name, []).append(value)
        st.query_params.from_dict(merged)


# --- Jobs ------------------------------------------------------------------------------------------


def running(tasks: Sequence[Task | None]) -> bool:
    """Whether one of them is not over."""
    return any(task is not None and task.result is None and not lab.status(task.job).over for task in tasks)


def settle(task: Task | None) -> None:
    """Take the result of a job that is done; it stays when the laboratory forgets the job."""
    if task is not None and task.result is None:
        task.result = lab.result(task.job)


def stop(tasks: Sequence[Task | None]) -> None:
    """Cancel what is under way."""
    for task in tasks:
        if task is not None and task.result is None:
            lab.cancel(task.job)


def live(tasks: Sequence[Task | None], draw: Callable[[], None]) -> None:
    """Call ``draw``, and again twice a second while a task runs; when the last one ends the page is run once more."""
    under_way = running(tasks)
    st.fragment(_tick, run_every=0.5 if under_way else None)(tasks, draw, under_way)


def _tick(tasks: Sequence[Task | None], draw: Callable[[], None], was_running: bool) -> None:
    for task in tasks:
        settle(task)
    draw()
    if was_running and not running(tasks):
        st.rerun()


def section_of(name: str) -> str:
    """The section that a task of this name belongs to."""
    return {"probe": "roofline"}.get(name.partition(".")[0], name.partition(".")[0])


def elsewhere(state: State) -> None:
    """A line on the jobs of other sections, so that they are neither forgotten by the person nor, unasked for, by the laboratory."""
    tasks = {name: task for name, task in state.tasks.items() if section_of(name) != state.section}
    if running(list(tasks.values())):
        st.fragment(_elsewhere, run_every=2.0)(tasks)


def _elsewhere(tasks: dict[str, Task]) -> None:
    words = []
    for name, task in tasks.items():
        settle(task)
        status = lab.status(task.job)
        if task.result is None and not status.over:
            words.append(f"{SECTIONS[section_of(name)]}, {status.phase or status.state}" + (f", n = {status.n}" if status.n else ""))
    st.caption(f":material/timer: Under way: {'; '.join(words)}." if words else ":material/check: What was under way in another section is over.")


def progress(task: Task) -> None:
    """A bar with state, place in the queue and phase; a sentence where the job ended without a result."""
    status = lab.status(task.job)
    if task.result is not None:
        return
    if status.over:
        (st.info if status.state == "cancelled" else st.error)(status.message or status.state, icon=":material/info:")
        return
    ahead = f", {status.position} before it" if status.position else ""
    words = status.message or f"{status.state}{ahead}" + (f" · {status.phase}" if status.phase else "") + (f" · n = {status.n}" if status.n else "")
    st.progress(min(1.0, status.share), words)
