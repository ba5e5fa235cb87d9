"""Seconds of each operation for the graph's overlay: estimated for a machine, or measured on the device at hand."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from blocks.analysis import Analysis
from blocks.knobs import KnobError
from blocks.language import tr
from blocks.latency import lab
from blocks.latency.roofline.estimate import estimate
from blocks.latency.roofline.known_machines import all_machines
from blocks.latency.roofline.machines import Machine
from viz.kit.choice import Choice
from viz.kit.experiment import experiment_of
from viz.kit.lab_task import LabTask
from viz.kit.measured_times import keep_profile, times_of
from viz.kit.session import session
from viz.kit.task import Task, begin, live, tasks

MEASURED = "measured here"
_TASK = "explore.graph_times"


@st.cache_resource(ttl=10, show_spinner=False)
def _machines() -> list[Machine]:
    """All machines; those probed here come from the ledger, which a turned knob need not read again."""
    return list(all_machines())


def times_selector(choice: Choice, analysis: Analysis) -> tuple[Mapping[int, float] | None, str]:
    """What the times are of, with the button that measures them. Returns seconds by node index and where they come from; None, with the reason on
    the page, where there are none yet."""
    known = {m.name: m for m in _machines()}
    chosen = st.selectbox(
        tr("Time of"), [*known, MEASURED], key="graph_times", format_func=lambda n: tr("Time: {of}", of=known[n].title if n in known else tr("this device, measured")), width=330,
        label_visibility="collapsed",
    )  # fmt: skip
    if chosen == MEASURED:
        times = _known(choice)
        if times is None:
            _measuring(choice)
        return times, tr("Time, measured")
    try:
        return estimate(analysis, known[chosen]).by_node, tr("Time, estimated")
    except KnobError as error:
        st.caption(f"{error}")
        return None, ""


def _known(choice: Choice) -> Mapping[int, float] | None:
    """What was measured in this session, here or in the panel beside the graph."""
    task = tasks().get(_TASK)
    if task is not None and task.about == choice and isinstance(task.result, lab.Profile):
        keep_profile(choice, task.result)
    return times_of(choice)


def _state(task: Task) -> None:
    st.caption(f"{tr(task.state)} …")


def _measuring(choice: Choice) -> None:
    """The button that measures, and after it how the measurement stands."""
    task = tasks().get(_TASK)
    mine = task if task is not None and task.about == choice else None
    if mine is not None and not mine.over:
        live([mine], partial(_state, mine), every=1.0)
        return
    if st.button(tr("Measure"), key="graph_times_start", icon=":material/timer:"):
        device = st.session_state.get("device") or lab.devices()[0].device
        if begin(_TASK, lambda: LabTask(lab.profile(experiment_of(choice, device), session=session()), choice)) is not None:
            st.rerun()
    elif mine is not None:
        st.caption(mine.message)
