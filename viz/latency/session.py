"""What a browser session keeps of the Latency page: networks, conditions, section, their address, and what runs in other sections."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from viz.kit.board import Board
from viz.kit.choice import Choice
from viz.kit.lab_task import LabTask
from viz.kit.links import latency_link
from viz.kit.task import running, tasks
from viz.latency.settings import Conditions, first_device, read

_KEPT = "latency.page"
_TASKS = "latency."  # how the keys of this page's tasks begin
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
class State:
    """The page in one session. ``address`` is what it was read from or written to last; ``problems`` what was wrong with it."""

    board: Board = field(default_factory=lambda: Board(numbers=_FIRST))
    conditions: Conditions = field(default_factory=Conditions)
    section: str = "measure"
    address: tuple[tuple[str, str], ...] = ()
    written: tuple[tuple[str, str], ...] = ()
    problems: list[str] = field(default_factory=list)
    generation: int = 0  # part of the conditions' keys: a new address gets new widgets

    def query(self) -> tuple[tuple[str, str], ...]:
        """The address that stands for this state."""
        conditions = self.conditions.write()
        if self.conditions.device == first_device():
            conditions.pop("device", None)
        return tuple(latency_link(self.board.variants(), "" if self.section == "measure" else self.section, **conditions).query)


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


# --- Tasks of other sections -------------------------------------------------------------------------


def task_key(section: str, part: object = "") -> str:
    """Where this page keeps the task of a section, or of a ``part`` of it."""
    return f"{_TASKS}{section}.{part}" if part != "" else f"{_TASKS}{section}"


def _section_of(key: str) -> str:
    return key.removeprefix(_TASKS).partition(".")[0]


def elsewhere(state: State) -> None:
    """A line on the tasks of other sections, so that neither the user nor, as nobody asks for them, the lab forgets them."""
    others = {key: task for key, task in tasks().items() if isinstance(task, LabTask) and key.startswith(_TASKS) and _section_of(key) != state.section}
    if running(list(others.values())):
        st.fragment(_elsewhere, run_every=2.0)(others)


def _elsewhere(others: dict[str, LabTask]) -> None:
    under_way = []
    for key, task in others.items():
        status = task.status
        if not task.over:
            under_way.append(f"{SECTIONS[_section_of(key)]}, {status.phase or status.state}" + (f", n = {status.n}" if status.n else ""))
    st.caption(f":material/timer: Under way: {'; '.join(under_way)}." if under_way else ":material/check: What was under way in another section is over.")
