"""The tasks of the Latency page, and what runs in its other sections."""

from __future__ import annotations

import streamlit as st

from blocks.language import tr
from viz.kit.lab_task import LabTask
from viz.kit.task import running, tasks
from viz.latency.address import SECTIONS, LatencyState

_TASKS = "latency."  # how the keys of this page's tasks begin


def task_key(section: str, part: object = "") -> str:
    """Where this page keeps the task of a section, or of a ``part`` of it."""
    return f"{_TASKS}{section}.{part}" if part != "" else f"{_TASKS}{section}"


def _section_of(key: str) -> str:
    return key.removeprefix(_TASKS).partition(".")[0]


def elsewhere(state: LatencyState) -> None:
    """A line on the tasks of other sections, so that neither the user nor, as nobody asks for them, the lab forgets them."""
    others = {key: task for key, task in tasks().items() if isinstance(task, LabTask) and key.startswith(_TASKS) and _section_of(key) != state.section}
    if running(list(others.values())):
        st.fragment(_elsewhere, run_every=2.0)(others)


def _elsewhere(others: dict[str, LabTask]) -> None:
    under_way = []
    for key, task in others.items():
        status = task.status
        if not task.over:
            under_way.append(", ".join([tr(SECTIONS[_section_of(key)]), tr(status.phase or status.state), *([f"n = {status.n}"] if status.n else [])]))
    if under_way:
        st.caption(f":material/timer: {tr('Under way: {tasks}.', tasks='; '.join(under_way))}")
    else:
        st.caption(f":material/check: {tr('What was under way in another section is over.')}")
