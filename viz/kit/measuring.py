"""Measuring several variants one after the other, from any page: started and stopped by a button, shown live."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from blocks.knobs import KnobError
from blocks.language import tr
from blocks.latency import lab
from viz.kit.choice import Choice
from viz.kit.experiment import experiment_of
from viz.kit.lab_task import LabTask
from viz.kit.session import session
from viz.kit.task import Task, TaskState, live, progress, start_button

MOST_POINTS = 15


class PointsTask(Task):
    """A measurement per point, one after the other. ``tasks`` are those that could begin, ``problems`` say what could not be measured, by the points' labels."""

    def __init__(self, begun: Mapping[object, LabTask], problems: Mapping[object, str]) -> None:
        self.tasks, self._refused = dict(begun), dict(problems)
        self._stopped = False

    @property
    def state(self) -> TaskState:
        """As :class:`Task`. Single points that failed do not fail the whole."""
        over = [task.over for task in self.tasks.values()]  # each is asked, which tells the lab that it is wanted
        return "stopped" if self._stopped else "done" if all(over) else "running"

    @property
    def measured(self) -> dict[object, lab.Measurement]:
        """The finished measurements."""
        return {label: task.result for label, task in self.tasks.items() if task.result is not None}

    @property
    def problems(self) -> dict[object, str]:
        """A sentence for each point that could not begin or did not end well."""
        failed = {label: task.message for label, task in self.tasks.items() if task.state == "failed" or (task.state == "stopped" and not self._stopped)}
        return self._refused | failed

    @property
    def share(self) -> float:
        """Of the points that are measured."""
        return len(self.measured) / max(1, len(self.tasks))

    @property
    def message(self) -> str:
        """How many points are measured."""
        return tr("{done} of {total} measured; every result goes into the ledger", done=len(self.measured), total=len(self.tasks))

    @property
    def partial(self) -> pd.DataFrame:
        """A row per finished measurement: ``point``, ``median``, ``low`` and ``high`` in milliseconds (NaN where no interval was reached), ``n``."""
        rows = [
            {
                "point": label,
                "median": 1e3 * m.median,
                "low": 1e3 * m.low if m.low else None,
                "high": 1e3 * m.high if m.high else None,
                "n": m.n,
                "converged": m.converged,
            }
            for label, m in self.measured.items()
        ]
        return pd.DataFrame(rows, columns=["point", "median", "low", "high", "n", "converged"]).astype({"median": float, "low": float, "high": float})

    @property
    def result(self) -> pd.DataFrame | None:
        """All rows, once nothing is being measured."""
        return self.partial if self.state == "done" else None

    def stop(self) -> None:
        """Give up what is not measured yet."""
        self._stopped = not self.over or self._stopped
        for task in self.tasks.values():
            task.stop()


def measure_points(points: Mapping[object, Choice], device: str) -> PointsTask:
    """Hand every point to the lab; it measures one at a time."""
    begun: dict[object, LabTask] = {}
    problems: dict[object, str] = {}
    for label, choice in points.items():
        try:
            begun[label] = LabTask(lab.submit(experiment_of(choice, device), session=session()), choice)
        except KnobError as error:
            problems[label] = str(error)
    return PointsTask(begun, problems)


def interval_text(row: Mapping[str, Any]) -> str:
    """The 95 % interval of a measured point's median in ms, and what to know of it: that there are too few samples for one, or that it is still wide."""
    if pd.isna(row["low"]) or pd.isna(row["high"]):
        return tr("none: n = {n} is too few", n=row["n"])
    interval = f"{row['low']:.3g} – {row['high']:.3g}"
    return interval if row["converged"] else tr("{interval}, not converged", interval=interval)


def measuring(points: Mapping[Any, Choice], what: str, key: str, draw: Callable[[pd.DataFrame], None]) -> None:
    """A button that measures ``points``, and below it ``draw`` with what is measured so far, as it comes.

    ``what`` says in words what is measured. Another set of points leaves the finished measurements of the last one in place until
    the button is pressed again.
    """
    chosen = dict(list(points.items())[:MOST_POINTS])
    left, middle, right = st.columns([2.5, 2, 1.5], vertical_alignment="bottom")
    cut = tr("Only the first {most} of {n} are measured.", most=MOST_POINTS, n=len(points)) if len(points) > MOST_POINTS else ""
    left.markdown(" ".join(filter(None, (tr("**Measured here.**"), what, cut))))
    devices = {d.device: d.name for d in lab.devices()}
    device = middle.selectbox(tr("Device"), list(devices), format_func=lambda d: f"{devices[d]} ({d})", key=f"{key}.device")
    with right:
        task = start_button(key, lambda: measure_points(chosen, device), tr("Measure"), key=f"{key}.go", icon=":material/timer:", width="stretch")
    if isinstance(task, PointsTask):
        live([task], lambda: _live(task, draw), every=1.0)


def _live(task: PointsTask, draw: Callable[[pd.DataFrame], None]) -> None:
    if not task.over:
        progress(task)
    frame = task.partial
    if len(frame):
        draw(frame)
    for label, sentence in list(task.problems.items())[:3]:
        st.caption(f":material/error: {label}: {sentence}")
