"""Latency beside the graph: measured in the worker process, live, started anew when a knob turns; the page never waits.

Three views in one place of fixed height: the time of this network, its ratio to the preset (interleaved), and where the time goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from blocks.knobs import KnobError
from blocks.latency import lab
from blocks.latency.measure.experiment import Limits
from viz.explore import view_settings
from viz.explore.latency_figure import bars, figure, verdict
from viz.kit.charts import is_dark
from viz.kit.choice import Choice, analysed
from viz.kit.experiment import experiment_of
from viz.kit.measured_times import keep_profile, profile_of
from viz.kit.palette import kind_colour
from viz.kit.published_throughput import throughputs
from viz.kit.session import session

VIEWS = {"time": "Time", "versus": "Ratio", "operations": "Parts"}
HEIGHT = 330
_TASKS, _LAST = "latency_tasks", "latency_last"
_DTYPES = ("float32", "bfloat16", "float16")
_MARGIN = Limits().margin


@dataclass
class Task:
    """A job of the laboratory and what it is about; its result stays when the laboratory forgets the job."""

    job: str
    of: Any
    result: Any = None

    @property
    def running(self) -> bool:
        """Whether it is under way."""
        return self.result is None and not lab.status(self.job).over


def latency_panel(choice: Choice) -> None:
    """Device, views, and in each its start, stop and figure."""
    device = _device()
    view = view_settings.control("latency_view", "Latency", format_func=VIEWS.__getitem__, width="stretch")
    draw = {"time": _time, "versus": _versus, "operations": _operations}[view]
    if choice.dtype not in _DTYPES:
        with st.container(border=True, height=HEIGHT):
            st.info(f"{choice.dtype} is counted but not measured; measured are {', '.join(_DTYPES)}.")
        return
    draw(choice, device)
    _published(choice)


def _device() -> str:
    devices = lab.devices()
    names = {d.device: d.name for d in devices}
    return st.selectbox("Device", list(names), format_func=lambda d: f"{names[d]} ({d})", key="device", help="Where the latency is measured.")


# --- Tasks -------------------------------------------------------------------------------------------


def _tasks() -> dict[str, Task]:
    tasks: dict[str, Task] = st.session_state.setdefault(_TASKS, {})
    for task in tasks.values():
        if task.result is None:
            task.result = lab.result(task.job)
    return tasks


def _begin(name: str, of: Any, ask: Any) -> None:
    """Start a job in place of the view's older one; ``ask`` submits it and may refuse."""
    _end(name)
    try:
        _tasks()[name] = Task(ask(), of)
    except KnobError as error:
        _tasks().pop(name, None)
        st.error(str(error), icon=":material/error:")


def _end(name: str) -> None:
    task = _tasks().get(name)
    if task is not None and task.running:
        lab.cancel(task.job)


def _live(name: str, draw: Any) -> None:
    """Draw now, and twice a second while the view's job runs; when it ends the page is run once more."""
    task = _tasks().get(name)
    under_way = task is not None and task.running
    st.fragment(_tick, run_every=0.5 if under_way else None)(name, draw, under_way)


def _tick(name: str, draw: Any, was_running: bool) -> None:
    task = _tasks().get(name)
    with st.container(border=True, height=HEIGHT, key=f"latency-{name}"):
        draw(task)
    if was_running and not (task is not None and task.running):
        st.rerun()


def _progress(task: Task) -> None:
    status = lab.status(task.job)
    ahead = f", {status.position} before it" if status.position else ""
    st.progress(min(1.0, status.share), status.message or f"{status.phase or status.state}{ahead}")


# --- The time of this network ------------------------------------------------------------------------


def _time(choice: Choice, device: str) -> None:
    on = st.toggle("Measure", key="measure", help="Stays on: when a knob turns it is measured again.")
    of = (choice.key, device)
    task = _tasks().get("time")
    if not on:
        _end("time")
    elif task is None or task.of != of or (task.result is None and lab.status(task.job).state == "cancelled"):
        _begin("time", of, lambda: lab.submit(experiment_of(choice, device), session=session(), replace=True))
    _live("time", lambda task: _time_card(task, of))


def _time_card(task: Task | None, of: Any) -> None:
    dark = is_dark()
    if task is not None and isinstance(task.result, lab.Measurement):
        m = task.result
        st.session_state[_LAST] = m
        words = f"n = {m.n} · {m.throughput:.4g} images/s"
        st.html(figure(m.median, m.low, m.high, m.samples, words, dark, stale=task.of != of))
        energy = f" {m.joules_per_image:.3g} J an image ({m.conditions.get('energy_source', 'measured')})." if m.joules_per_image is not None else ""
        st.caption(f"{m.why}{energy}", help="\n\n".join([f"Measured: {m.experiment.describe()}.", *m.remarks, f"{m.warmup} passes to warm up."]))
        return
    status = lab.status(task.job) if task is not None else None
    last: lab.Measurement | None = st.session_state.get(_LAST)
    if status is not None and status.median is not None:
        st.html(figure(status.median, status.low, status.high, status.recent, f"n = {status.n}, {status.phase}", dark))
    elif last is not None:
        st.html(figure(last.median, last.low, last.high, last.samples, f"before: {last.experiment.title}", dark, stale=True))
    else:
        st.html(figure(None, None, None, (), "not measured yet", dark))
    if task is not None and status is not None:
        _progress(task) if not status.over else st.caption(status.message or status.state)


# --- Against the preset -------------------------------------------------------------------------------


def _versus(choice: Choice, device: str) -> None:
    preset = choice.default()
    of = (choice.key, device)
    task = _tasks().get("versus")
    running = task is not None and task.running
    if choice == preset:
        st.button("Compare with the preset", key="versus_start", disabled=True, help="Turn a knob first: this is the preset.", width="stretch")
    elif running:
        st.button("Stop", key="versus_stop", icon=":material/stop:", width="stretch", on_click=_end, args=("versus",))
    elif st.button("Compare with the preset", key="versus_start", icon=":material/balance:", width="stretch",
                   help="Both run in turn, in random order, so that what disturbs one disturbs the other."):  # fmt: skip
        _begin("versus", of, lambda: lab.compare([experiment_of(preset, device), experiment_of(choice, device)], session=session()))
        st.rerun()
    _live("versus", lambda task: _versus_card(task, of, choice == preset))


def _versus_card(task: Task | None, of: Any, as_published: bool) -> None:
    dark = is_dark()
    if task is not None and isinstance(task.result, lab.Comparison):
        found: Any = task.result.verdicts[0]
        stale = task.of != of
        st.html(f"<div style='opacity:{0.45 if stale else 1}'>{verdict(found, dark, _MARGIN)}</div>")
        st.markdown(f"**{found['sentence']}**" if not stale else f"Before this knob: {found['sentence']}")
        a, b = task.result.each
        st.caption(
            f"{task.result.rounds} interleaved rounds in {task.result.seconds:.0f} s · medians {a.median * 1e3:.4g} and {b.median * 1e3:.4g} ms",
            help="\n\n".join(task.result.remarks) or "Nothing disturbed the comparison noticeably.",
        )
        return
    status = lab.status(task.job) if task is not None else None
    sofar: Any = status.verdicts[0] if status is not None and status.verdicts else None
    st.html(verdict(sofar, dark, _MARGIN))
    if status is None:
        st.caption("This is the preset as published: turn a knob to compare." if as_published else "Not compared yet.")
    elif status.over:
        st.caption(status.message or status.state)
    else:
        st.caption(sofar["sentence"] if sofar else "Preparing both networks.")
        if task is not None:
            _progress(task)


# --- Where the time goes -------------------------------------------------------------------------------


def _operations(choice: Choice, device: str) -> None:
    task = _tasks().get("operations")
    if task is not None and task.running:
        st.button("Stop", key="operations_stop", icon=":material/stop:", width="stretch", on_click=_end, args=("operations",))
    elif st.button("Measure each operation", key="operations_start", icon=":material/query_stats:", width="stretch",
                   help="Some passes under torch's profiler; the graph's overlay *Time* shows the result."):  # fmt: skip
        _begin("operations", choice, lambda: lab.profile(experiment_of(choice, device), session=session()))
        st.rerun()
    _live("operations", lambda task: _operations_card(task, choice))


def _operations_card(task: Task | None, choice: Choice) -> None:
    if task is not None and isinstance(task.result, lab.Profile):
        keep_profile(task.of, task.result)
    found = profile_of(choice)
    if found is None:
        if task is not None and task.running:
            _progress(task)
        else:
            status = lab.status(task.job) if task is not None and task.result is None else None
            st.caption(status.message if status is not None and status.message else "Not measured yet.")
        return
    analysis, dark = analysed(choice), is_dark()
    longest = sorted(found.by_node.items(), key=lambda item: -item[1])[:6]
    nodes = [(analysis.graph.nodes[i], seconds) for i, seconds in longest]
    st.html(bars([(_short(analysis.graph.label(n), n.op), s, kind_colour(n.kind, dark)) for n, s in nodes], found.whole, dark))
    st.caption(f"{found.sum * 1e3:.4g} ms in operations, {found.whole * 1e3:.4g} ms for a whole pass.", help="\n\n".join([*found.explained, *found.remarks]))


def _short(label: str, op: str) -> str:
    """The operation and the last parts of its module's path: what fits beside the graph."""
    return " ".join([op.removesuffix("2d"), ".".join(label.split(".")[-3:])]).strip()


def _published(choice: Choice) -> None:
    """Where there is no GPU: that this is so; and what others have published of this preset's throughput on some."""
    if note := next((d.note for d in lab.devices() if d.note), ""):
        st.caption(note)
    if found := throughputs(choice.name):
        lines = "  \n".join(["**Published by timm, not measured here**", *(line for line, _ in found)])
        st.caption(lines, help="  \n".join(setup for _, setup in found))
