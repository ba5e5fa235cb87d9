"""Seconds of each operation for the graph's overlay: estimated for a machine, or measured on the device at hand."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from blocks.analysis import Analysis
from blocks.knobs import KnobError
from blocks.latency import lab
from blocks.latency.roofline.estimate import estimate, machine, machines
from blocks.latency.roofline.machines import published
from viz.kit.choice import Choice
from viz.kit.experiment import experiment_of
from viz.kit.measured_times import keep_profile, times_of

MEASURED = "measured here"
_CHOSEN, _JOB, _OF, _TIMES = "graph_times", "graph_times.job", "graph_times.of", "graph_times.found"


def node_times(choice: Choice, analysis: Analysis) -> tuple[Mapping[int, float] | None, str]:
    """(seconds by node index, where they come from) as :func:`times_selector` stands; None where there are none yet."""
    chosen = str(st.session_state.get(_CHOSEN) or published()[0].name)
    if chosen == MEASURED:
        return _known(choice), "Time, measured"
    try:
        return estimate(analysis, machine(chosen)).by_node, "Time, estimated"
    except KnobError:
        return None, ""


def times_selector(choice: Choice, analysis: Analysis) -> None:
    """What the times are of, with the button that measures them and the reason where there are none."""
    known = {m.name: m for m in machines()}
    chosen = st.selectbox(
        "Time of", [*known, MEASURED], key=_CHOSEN, format_func=lambda n: f"Time: {known[n].title if n in known else 'this device, measured'}", width=330,
        label_visibility="collapsed",
    )  # fmt: skip
    if chosen == MEASURED:
        if _known(choice) is None:
            st.fragment(_measuring, run_every=1.0 if st.session_state[_JOB] else None)(choice)
        return
    try:
        known[chosen].peak(analysis.dtype)
    except KnobError as error:
        st.caption(f"{error}")


def _known(choice: Choice) -> Mapping[int, float] | None:
    known = times_of(choice)  # measured in this session before, here or beside the graph
    if known is not None:
        return known
    if st.session_state.get(_OF) != choice.key:
        st.session_state[_OF], st.session_state[_JOB], st.session_state[_TIMES] = choice.key, None, None
    times: Mapping[int, float] | None = st.session_state[_TIMES]
    return times


def _measuring(choice: Choice) -> None:
    job: str | None = st.session_state[_JOB]
    if job is None:
        if st.button("Measure", key="graph_times_start", icon=":material/timer:"):
            _start(choice)
        return
    status = lab.status(job)
    if not status.over:
        st.caption(f"{status.state} …")
        return
    result = lab.result(job)
    if isinstance(result, lab.Profile):
        st.session_state[_TIMES] = result.by_node
        keep_profile(choice, result)
        st.rerun()
    st.session_state[_JOB] = None
    st.caption(status.message or status.state)


def _start(choice: Choice) -> None:
    device = st.session_state.get("device") or lab.devices()[0].device
    try:
        st.session_state[_JOB] = lab.profile(experiment_of(choice, device))
    except KnobError as error:
        st.caption(f"{error}")
        return
    st.rerun()
