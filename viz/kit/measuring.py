"""Measuring several variants one after the other, from any page: started by a button, followed live, stopped by another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import streamlit as st

from blocks.knobs import KnobError
from blocks.latency import lab
from viz.kit.choice import Choice
from viz.kit.experiment import experiment_of
from viz.kit.session import session

MOST = 15


@dataclass
class Run:
    """Jobs of the laboratory, by what their rows are called; ``results`` keeps what is finished, ``problems`` what could not begin."""

    device: str
    jobs: dict[Any, str] = field(default_factory=dict)
    results: dict[Any, lab.Measurement] = field(default_factory=dict)
    problems: dict[Any, str] = field(default_factory=dict)
    stopped: bool = False

    @property
    def running(self) -> bool:
        """Whether a job is still waiting or measuring."""
        return not self.stopped and any(not lab.status(job).over for label, job in self.jobs.items() if label not in self.results)

    def settle(self) -> None:
        """Take over what has finished."""
        for label, job in self.jobs.items():
            if label in self.results or label in self.problems:
                continue
            status = lab.status(job)
            result = lab.result(job) if status.over else None
            if isinstance(result, lab.Measurement):
                self.results[label] = result
            elif status.over and not self.stopped:
                self.problems[label] = status.message or status.state

    def stop(self) -> None:
        """Give up what has not been measured yet."""
        self.stopped = True
        for label, job in self.jobs.items():
            if label not in self.results:
                lab.cancel(job)

    def frame(self) -> pd.DataFrame:
        """A row a finished measurement: ``point``, ``median``, ``low`` and ``high`` in milliseconds (NaN where no interval was reached), ``n``."""
        rows = [
            {"point": label, "median": 1e3 * m.median, "low": 1e3 * m.low if m.low else None, "high": 1e3 * m.high if m.high else None, "n": m.n}
            for label, m in self.results.items()
        ]
        return pd.DataFrame(rows, columns=["point", "median", "low", "high", "n"]).astype({"median": float, "low": float, "high": float})


def begin(points: Mapping[Any, Choice], device: str) -> Run:
    """Hand every point to the laboratory; it measures one at a time."""
    run = Run(device)
    for label, choice in points.items():
        try:
            run.jobs[label] = lab.submit(experiment_of(choice, device), session=session())
        except KnobError as error:
            run.problems[label] = str(error)
    return run


def measuring(points: Mapping[Any, Choice], what: str, key: str, draw: Callable[[pd.DataFrame], None]) -> None:
    """A button that measures ``points``, and below it ``draw`` with what is measured so far, as it comes.

    ``what`` says in words what is measured. Another set of points leaves the finished measurements of the last one in place until
    the button is pressed again.
    """
    chosen = dict(list(points.items())[:MOST])
    run: Run | None = st.session_state.get(key)
    busy = run is not None and run.running
    left, middle, right = st.columns([3, 2, 1], vertical_alignment="bottom")
    left.markdown(f"**Measured here.** {what}" + (f" The first {MOST} of {len(points)} are taken." if len(points) > MOST else ""))
    devices = {d.device: d.name for d in lab.devices()}
    device = middle.selectbox("Device", list(devices), format_func=lambda d: f"{devices[d]} ({d})", key=f"{key}.device")
    if right.button("Stop" if busy else "Measure", key=f"{key}.go", icon=":material/stop:" if busy else ":material/timer:", width="stretch"):
        if run is not None and busy:
            run.stop()
        else:
            st.session_state[key] = begin(chosen, device)
        st.rerun()
    st.fragment(_live, run_every=1.0 if busy else None)(key, busy, draw)


def _live(key: str, was_busy: bool, draw: Callable[[pd.DataFrame], None]) -> None:
    run: Run | None = st.session_state.get(key)
    if run is None:
        return
    run.settle()
    if run.running:
        st.progress(len(run.results) / max(1, len(run.jobs)), f"{len(run.results)} of {len(run.jobs)} measured; every result goes into the ledger")
    elif was_busy:
        st.rerun()
    frame = run.frame()
    if len(frame):
        draw(frame)
    for label, sentence in list(run.problems.items())[:3]:
        st.caption(f":material/error: {label}: {sentence}")
