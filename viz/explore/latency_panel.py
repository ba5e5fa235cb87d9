"""Latency beside the graph: measured in the worker process, live, started anew when a knob turns; the page never waits.

Three views in one place of fixed height: the time of this network, its ratio to the preset (interleaved), and where the time goes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from blocks.language import retell, tr
from blocks.latency import lab
from blocks.latency.measure.experiment import Limits
from viz.explore.latency_figure import bars, figure, verdict_figure
from viz.explore.view_settings import view_control
from viz.kit.charts import is_dark
from viz.kit.choice import Choice, analysed
from viz.kit.chosen_device import elsewhere_caption
from viz.kit.experiment import experiment_of
from viz.kit.lab_task import LabTask
from viz.kit.measured_times import keep_profile, profile_of
from viz.kit.palette import kind_colour
from viz.kit.published_throughput import throughputs
from viz.kit.session import session
from viz.kit.task import Task, begin, live, progress, start_button, tasks

_HEIGHT = 330
_TIME, _VERSUS, _OPERATIONS = "explore.time", "explore.versus", "explore.operations"  # keys of the tasks
_LAST = "latency_last"
_DTYPES = ("float32", "bfloat16", "float16")
_MARGIN = Limits().margin


def latency_panel(choice: Choice) -> None:
    """Device, views, and in each its start, stop and figure."""
    device = _device()
    view = view_control("latency", tr("Latency"), width="stretch")
    draw = {"time": _time, "versus": _versus, "operations": _operations}[view]
    if choice.dtype not in _DTYPES:
        with st.container(border=True, height=_HEIGHT):
            st.info(tr("{type} is counted but not measured; measured are {types}.", type=choice.dtype, types=", ".join(_DTYPES)))
        return
    draw(choice, device)
    elsewhere_caption(choice)
    _published(choice)


def _device() -> str:
    devices = lab.devices()
    names = {d.device: d.name for d in devices}
    return st.selectbox(tr("Device"), list(names), format_func=lambda d: f"{names[d]} ({d})", key="device", help=tr("Where the latency is measured."))


def _live(view: str, task: Task | None, draw: Callable[[LabTask | None], None]) -> None:
    """The card of a view, at the same height whatever is in it."""
    shown = task if isinstance(task, LabTask) else None

    def card() -> None:
        with st.container(border=True, height=_HEIGHT, key=f"latency-{view}"):
            draw(shown)

    live([shown], card)


# --- The time of this network ------------------------------------------------------------------------


def _time(choice: Choice, device: str) -> None:
    on = st.toggle(tr("Measure"), key="measure", help=tr("Stays on: when a knob turns it is measured again."))
    of = (choice.key, device)
    task = tasks().get(_TIME)
    if not on and task is not None:
        task.stop()
    elif on and (task is None or task.about != of or task.state == "stopped"):
        task = begin(_TIME, lambda: LabTask(lab.submit(experiment_of(choice, device), session=session(), replace=True), of))
    _live("time", task, lambda task: _time_card(task, of))


def _time_card(task: LabTask | None, of: object) -> None:
    dark = is_dark()
    if task is not None and isinstance(task.result, lab.Measurement):
        m = task.result
        st.session_state[_LAST] = m
        words = tr("n = {n} · {rate} images/s", n=m.n, rate=f"{m.throughput:.4g}")
        st.html(figure(m.median, m.low, m.high, m.samples, words, dark, stale=task.about != of))
        source = m.conditions.get("energy_source", tr("measured"))
        energy = " " + tr("{joules} J per image ({source}).", joules=f"{m.joules_per_image:.3g}", source=source) if m.joules_per_image is not None else ""
        st.caption(
            f"{m.why}{energy}",
            help="\n\n".join([tr("Measured: {conditions}.", conditions=m.experiment.describe()), *m.remarks, tr("{n} passes to warm up.", n=m.warmup)]),
        )
        return
    status = task.status if task is not None else None
    last: lab.Measurement | None = st.session_state.get(_LAST)
    if status is not None and status.median is not None:
        st.html(figure(status.median, status.low, status.high, status.recent, f"n = {status.n}, {status.phase}", dark))
    elif last is not None:
        st.html(figure(last.median, last.low, last.high, last.samples, tr("before: {network}", network=last.experiment.title), dark, stale=True))
    else:
        st.html(figure(None, None, None, (), tr("not measured yet"), dark))
    if task is not None and status is not None:
        if task.over:
            st.caption(task.message)
        else:
            progress(task)


# --- Against the preset -------------------------------------------------------------------------------


def _versus(choice: Choice, device: str) -> None:
    preset = choice.default()
    of = (choice.key, device)
    if choice == preset:
        task = tasks().get(_VERSUS)
        st.button(tr("Compare with the preset"), key="versus_start", disabled=True, help=tr("Turn a knob first: this is the preset."), width="stretch")
    else:
        task = start_button(
            _VERSUS, lambda: LabTask(lab.compare([experiment_of(preset, device), experiment_of(choice, device)], session=session()), of), tr("Compare with the preset"),
            key="versus_start", icon=":material/balance:", width="stretch", help=tr("Both run in interleaved rounds of random order, so that a disturbance hits both."),
        )  # fmt: skip
    _live("versus", task, lambda task: _versus_card(task, of, choice == preset))


def _versus_card(task: LabTask | None, of: object, as_published: bool) -> None:
    dark = is_dark()
    if task is not None and isinstance(task.result, lab.Comparison):
        found: Any = task.result.verdicts[0]
        stale = task.about != of
        st.html(f"<div style='opacity:{0.45 if stale else 1}'>{verdict_figure(found, dark, _MARGIN)}</div>")
        st.markdown(f"**{found['sentence']}**" if not stale else tr("Before this knob: {verdict}", verdict=found["sentence"]))
        a, b = task.result.each
        st.caption(
            tr(
                "{n} interleaved rounds in {seconds} s · medians {a} and {b} ms",
                n=task.result.rounds,
                seconds=f"{task.result.seconds:.0f}",
                a=f"{a.median * 1e3:.4g}",
                b=f"{b.median * 1e3:.4g}",
            ),
            help="\n\n".join(task.result.remarks) or tr("Nothing disturbed the comparison noticeably."),
        )
        return
    status = task.status if task is not None else None
    sofar: Any = status.verdicts[0] if status is not None and status.verdicts else None
    st.html(verdict_figure(sofar, dark, _MARGIN))
    if status is None:
        st.caption(tr("This is the preset as published: turn a knob to compare.") if as_published else tr("Not compared yet."))
    elif task is not None and task.over:
        st.caption(task.message)
    elif task is not None:
        st.caption(sofar["sentence"] if sofar else tr("Preparing both networks."))
        progress(task)


# --- Where the time goes -------------------------------------------------------------------------------


def _operations(choice: Choice, device: str) -> None:
    task = start_button(
        _OPERATIONS, lambda: LabTask(lab.profile(experiment_of(choice, device), session=session()), choice), tr("Measure each operation"),
        key="operations_start", icon=":material/query_stats:", width="stretch", help=tr("Some passes under torch's profiler; the graph's overlay *Time* shows the result."),
    )  # fmt: skip
    _live("operations", task, lambda task: _operations_card(task, choice))


def _operations_card(task: LabTask | None, choice: Choice) -> None:
    if task is not None and isinstance(task.result, lab.Profile):
        keep_profile(task.about, task.result)
    found = profile_of(choice)
    if found is None:
        if task is not None and not task.over:
            progress(task)
        else:
            st.caption(task.message if task is not None and task.result is None else tr("Not measured yet."))
        return
    analysis, dark = analysed(choice), is_dark()
    longest = sorted(found.by_node.items(), key=lambda item: -item[1])[:6]
    nodes = [(analysis.graph.nodes[i], seconds) for i, seconds in longest]
    st.html(bars([(_short(analysis.graph.label(n), n.op), s, kind_colour(n.kind, dark)) for n, s in nodes], found.whole, dark))
    st.caption(
        tr("{sum} ms in operations, {whole} ms for a whole pass.", sum=f"{found.sum * 1e3:.4g}", whole=f"{found.whole * 1e3:.4g}"),
        help="\n\n".join([*found.explained, *found.remarks]),
    )


def _short(label: str, op: str) -> str:
    """The operation and the last parts of its module's path: what fits beside the graph."""
    return " ".join([op.removesuffix("2d"), ".".join(label.split(".")[-3:])]).strip()


def _published(choice: Choice) -> None:
    """Where there is no GPU: that this is so; and what others have published of this preset's throughput on some."""
    if note := next((d.note for d in lab.devices() if d.note), ""):
        st.caption(retell(note))
    if choice == choice.default() and (found := throughputs(choice.name)):
        lines = "  \n".join([tr("**Published by timm, not measured here**"), *(line for line, _ in found)])
        st.caption(lines, help="  \n".join(setup for _, setup in found))
