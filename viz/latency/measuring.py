"""The first section: each network measured separately, live; the figures, then the samples, then everything they depend on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from blocks.knobs import KnobError
from blocks.language import retell, tr
from blocks.latency import lab
from blocks.latency.measure.environment import describe
from blocks.latency.measure.results import Measurement
from blocks.latency.roofline.validation import estimate_of
from viz.kit.board import Side
from viz.kit.charts import chart, is_dark
from viz.kit.lab_task import LabTask
from viz.kit.numbers import relative
from viz.kit.saving import saved_table
from viz.kit.session import session
from viz.kit.task import begin, live, progress, running, tasks
from viz.latency import figures
from viz.latency.address import LatencyState
from viz.latency.session import task_key


def measure_section(state: LatencyState, sides: Sequence[Side]) -> None:
    """Buttons, a figure per network, and below them the pictures."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if st.button(tr("Measure"), type="primary", icon=":material/timer:", key="latency.measure", help=tr("Each network separately, one after the other.")):
            _start(state, sides)
        several = [_task(side) for side in sides]
        if st.button(tr("Stop"), icon=":material/stop:", key="latency.stop", disabled=not running(several)):
            for task in several:
                if task is not None:
                    task.stop()
        st.caption(_promise(state, sides))
    live(several, lambda: _figures(state, sides))
    done = [(side.title, side.colour, task.result) for side, task in zip(sides, several, strict=True) if task is not None and task.result is not None]
    if done:
        _pictures(done)


def _key(side: Side) -> str:
    return task_key("measure", side.number)


def _task(side: Side) -> LabTask | None:
    task = tasks().get(_key(side))
    return task if isinstance(task, LabTask) else None


def _promise(state: LatencyState, sides: Sequence[Side]) -> str:
    try:
        quantity = state.conditions.experiment(sides[0].choice).describe()
        return tr("Measures: {quantity}; at most {seconds} s per network.", quantity=quantity, seconds=state.conditions.seconds)
    except KnobError as error:
        return str(error)


def _start(state: LatencyState, sides: Sequence[Side]) -> None:
    for side in sides:
        begin(_key(side), partial(_submitted, state, side), partial("{}: {}".format, side.title))


def _submitted(state: LatencyState, side: Side) -> LabTask:
    return LabTask(lab.submit(state.conditions.experiment(side.choice), session=session()))


def _figures(state: LatencyState, sides: Sequence[Side]) -> None:
    """A figure per network, from its result or from the samples so far."""
    st.html('<style>[class*="st-key-latency-figure-"] { min-height: 15rem; }</style>')
    for column, side in zip(st.columns(len(sides)), sides, strict=True):
        with column, st.container(border=True, key=f"latency-figure-{side.number}"):
            task = _task(side)
            if task is None:
                st.metric(side.title, "–", tr("not measured yet"), delta_color="off", delta_arrow="off")
                continue
            status = task.status
            median, low, high, n = (getattr(task.result or status, name) for name in ("median", "low", "high", "n"))
            recent = [t * 1e3 for t in status.recent] if task.result is None else None
            bounds = (
                tr("95 % interval {low} – {high} ms, n = {n}", low=f"{low * 1e3:.4g}", high=f"{high * 1e3:.4g}", n=n)
                if low is not None and high is not None
                else tr("n = {n}, too few for an interval", n=n)
                if task.result is not None
                else tr(status.state)
            )
            if task.result is not None and not task.result.converged:
                bounds += tr(", not converged")
            st.metric(side.title, f"{median * 1e3:.4g} ms" if median else "…", bounds, delta_color="off", delta_arrow="off", chart_data=recent or None)
            progress(task)
            if task.result is not None:
                _words(state, side, task.result)


def _words(state: LatencyState, side: Side, m: Measurement) -> None:
    """Throughput, tails and energy in a line, why it stopped, and what may have moved it."""
    parts = [tr("{n} images/s", n=f"{m.throughput:.4g}")]
    parts += [f"{name} {tail[0] * 1e3:.4g} ms" for name, tail in (("p90", m.p90), ("p99", m.p99)) if tail is not None]
    if m.joules_per_image is not None:
        parts.append(tr("{joules} J per image (measured)", joules=f"{m.joules_per_image:.3g}"))
    guess = estimate_of(m.experiment)
    if guess is not None:
        parts.append(tr("estimated {ms} ms ({off})", ms=f"{guess.seconds * 1e3:.4g}", off=relative(guess.seconds / m.median)))
    st.markdown(" · ".join(parts))
    st.caption(" ".join(map(retell, [m.why, *m.remarks])))
    if not _is_of(state, side, m):
        said = tr("Measured under other settings: {network}, {quantity}.", network=m.experiment.title, quantity=m.experiment.describe())
        st.caption(f":material/history: {said}")


def _is_of(state: LatencyState, side: Side, m: Measurement) -> bool:
    try:
        return state.conditions.experiment(side.choice).key() == m.experiment.key()
    except KnobError:
        return False


def _pictures(done: list[figures.Series]) -> None:
    frame = pd.DataFrame([{"network": name, "sample": i + 1, "seconds": t} for name, _, m in done for i, t in enumerate(m.samples)])
    st.markdown(tr("#### Every sample, and how often each time was taken"))
    chart(figures.sample_chart(done, is_dark()), key="latency-samples", name="latency-samples", of=figures.measured_of(done), frame=frame, height=400)
    if any(m.process_medians for _, _, m in done):
        st.markdown(tr("#### Fresh processes"))
        chart(figures.process_chart(done, is_dark()), key="latency-between", name="latency-processes", of=figures.measured_of(done), height=240)
    with st.expander(tr("Everything these figures depend on")):
        saved_table(_details(done), "details", of=figures.measured_of(done), what="latency-conditions", index=True, width="stretch")


def _details(done: list[figures.Series]) -> pd.DataFrame:
    """A column per network: experiment, statistics, conditions, machine and versions."""
    columns: dict[str, dict[str, object]] = {}
    for name, _, m in done:
        shapes = ", ".join("×".join(map(str, s)) for s in m.input_shapes)
        columns[name] = {
            tr("network"): m.experiment.title, tr("quantity"): m.experiment.describe(), tr("input"): shapes, tr("median (ms)"): f"{m.median * 1e3:.5g}",
            tr("samples"): m.n, tr("effective samples"): f"{m.n_eff:.1f}", tr("passes per sample"): m.repeats, tr("passes to warm up"): m.warmup,
            tr("discarded"): m.discarded, tr("fastest (ms)"): f"{m.minimum * 1e3:.5g}", tr("slowest (ms)"): f"{m.maximum * 1e3:.5g}",
            **describe(m.conditions), **describe(m.machine), **m.versions,
        }  # fmt: skip
    return pd.DataFrame(columns).astype(str)
