"""Roofline and estimates: what the operations need against what machines provide, and how long each machine takes."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from blocks.knobs import KnobError
from blocks.language import retell, tr, trn
from blocks.latency import lab
from blocks.latency.roofline.chart_data import roofline_table
from blocks.latency.roofline.estimate import estimate
from blocks.latency.roofline.known_machines import all_machines
from blocks.latency.roofline.machines import GROUPS, Machine
from blocks.latency.roofline.validation import estimates_against_ledger
from blocks.latency.store.ledger import LedgerError, ledger
from viz.kit.board import Side
from viz.kit.charts import chart, is_dark
from viz.kit.lab_task import LabTask
from viz.kit.markdown import error_box
from viz.kit.measured_times import times_of
from viz.kit.numbers import short
from viz.kit.roofline_chart import roofline_figure, without_arithmetic
from viz.kit.saving import saved_table
from viz.kit.session import session
from viz.kit.task import begin, live, progress, running, tasks
from viz.kit.widget_state import held_index
from viz.latency import figures
from viz.latency.address import LatencyState
from viz.latency.session import task_key
from viz.latency.settings import OWN

_KEY = task_key("roofline", "probe")
_QUIET = 0.1  # share of the processor that others may take from a measurement that an estimate is judged by


def roofs_section(state: LatencyState, sides: Sequence[Side]) -> None:
    """The chart with its controls, then estimates on every machine, then what they rest on."""
    _probing(state)
    known = {m.name: m for m in all_machines()}
    left, middle, right = st.columns([3, 4, 2], vertical_alignment="bottom")
    names = list(known)
    name = left.selectbox(tr("Machine"), names, held_index("latency.machine", names, names[0]), key="latency.machine", format_func=lambda n: known[n].title)
    others = middle.multiselect(
        tr("Roofs beside it"), [n for n in names if n != name], key="latency.roofs", format_func=lambda n: known[n].title, placeholder=tr("none")
    )
    measured = right.toggle(tr("Measured times"), key="latency.measured", help=tr("Dots are placed by a profile of this session, not by the estimate."))
    machine = known[name]
    try:
        _chart(state, sides, [machine, *(known[n] for n in others)], measured)
    except KnobError as error:
        error_box(str(error))
    st.markdown(tr("#### Estimated time of one forward pass, operation by operation"))
    _estimates(state, sides, list(known.values()))
    with st.expander(tr("What the estimates rest on")):
        _basis(list(known.values()))
    if machine.measured:
        _check(machine)


def _dtype(state: LatencyState) -> str | None:
    dtype = state.conditions.dtype
    return None if dtype == OWN else "float16" if dtype == "autocast" else dtype


def _probing(state: LatencyState) -> None:
    """Measuring this device's own roof, once."""
    task, device, threads = tasks().get(_KEY), state.conditions.device, state.conditions.threads or None
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if st.button(tr("Run microbenchmarks"), icon=":material/speed:", key="latency.probe", disabled=running([task])):
            begin(_KEY, lambda: LabTask(lab.probe(device, threads=threads, session=session())))
            task = tasks().get(_KEY)
        if task is not None and not task.over and st.button(tr("Stop"), icon=":material/stop:", key="latency.stop_probe"):
            task.stop()
        here = [m for m in all_machines() if m.measured]
        st.caption(
            "; ".join(_roof_in_words(m) for m in here)
            if here
            else tr("Half a minute of matrix products, copies and single operations; kept in the ledger, so once per machine.")
        )
    if task is not None and task.result is None:
        live([task], lambda: progress(task))
    if task is not None and task.result is not None and not task.about and task.result.name in {m.name for m in all_machines()}:
        task.about = st.session_state["latency.machine"] = task.result.name  # once: what was probed is what the user wants to see


def _roof_in_words(m: Machine) -> str:
    peaks = ", ".join(tr("{rate} in {dtype}", rate=short(v, "FLOP/s", 3), dtype=d) for d, v in m.peaks.items() if d in ("float32", "bfloat16", "float16"))
    return f"{m.title}, {m.source}: {peaks}; {short(m.bandwidth, 'B/s', 3)}"


def _chart(state: LatencyState, sides: Sequence[Side], chosen: list[Machine], measured: bool) -> None:
    times = [times_of(side.choice) if measured else None for side in sides]
    if measured and not all(times):
        missing = ", ".join(side.title for side, found in zip(sides, times, strict=True) if not found)
        st.caption(tr("No profile of {networks} in this session: they are placed by the estimate.", networks=missing))
    dtype = _dtype(state)
    figure = roofline_figure([(s.analysis, s.title) for s in sides], chosen, dark=is_dark(), times=times, dtype=dtype, colours=[s.colour for s in sides])
    tables = [roofline_table(s.analysis, chosen[0], t, dtype).assign(network=s.title) for s, t in zip(sides, times, strict=True)]
    chart(figure, key="latency-roofline", name=f"roofline-{chosen[0].name}", of=[s.choice for s in sides], frame=pd.concat(tables), height=560)
    for side, table in zip(sides, tables, strict=True):
        if sentence := without_arithmetic(table):
            st.caption(f"{side.title}: {retell(sentence)}")
    if any((table["reached"] > 1).any() for table in tables):
        st.caption(tr("Dots above the roof found their data in a cache: the slope is that of the memory."))


def _estimates(state: LatencyState, sides: Sequence[Side], known: list[Machine]) -> None:
    rows, refused = [], []
    for machine in known:
        for side in sides:
            try:
                guess = estimate(side.analysis, machine, _dtype(state))
            except KnobError as error:
                refused.append(str(error))
                continue
            rows.append({
                "machine": machine.title, "network": side.title, "milliseconds": guess.seconds * 1e3, "images per second": guess.throughput,
                "error": guess.error, "basis": guess.basis,
            })  # fmt: skip
    if rows:
        frame = pd.DataFrame(rows).astype({"error": float})
        chart(
            figures.estimate_chart(frame, [s.colour for s in sides], is_dark()),
            key="latency-estimates",
            name="estimates",
            of=[s.choice for s in sides],
            frame=frame,
            height=140 + 24 * frame["machine"].nunique(),
        )
    st.caption(
        tr(
            "Whiskers are the median error of such estimates. Small batches leave a large GPU partly idle, which the estimate does not know: there it is a lower bound."
        )
    )
    if refused:
        with st.expander(tr("{n} not estimated", n=len(refused))):
            st.caption("  \n".join(dict.fromkeys(refused)))


def _basis(known: list[Machine]) -> None:
    """Every machine's figures, sources, factors and errors."""
    rows = [{
        tr("machine"): m.title, tr("source"): m.source, "GB/s": m.bandwidth / 1e9, **{f"TFLOPS {d}": v / 1e12 for d, v in m.peaks.items()},
        **{tr(GROUPS[g]): f for g, f in m.efficiency.factors.items()}, tr("µs per operation"): m.overhead * 1e6,
        tr("median error"): m.efficiency.error, tr("fitted on"): retell(m.efficiency.basis),
    } for m in known]  # fmt: skip
    st.caption(
        tr(
            "An operation takes the longer of arithmetic / peak and bytes / bandwidth, over the share of that roof which its group reaches (below), and its overhead. "
            "The shares are fitted by least squares of the logarithm; `python -m scripts.fit_efficiency` prints them with their errors. GPUs' overhead is assumed."
        )
    )
    frame = pd.DataFrame(rows).round(3)
    saved_table(frame, "machines", of=tr("{n} machines", n=len(frame)), what="estimates-basis", width="stretch", height=320, placeholder="–")


def _check(machine: Machine) -> None:
    st.markdown(tr("#### Estimated against measured on {machine}", machine=machine.title))
    try:
        table = estimates_against_ledger(ledger(), machine)
    except LedgerError as error:
        error_box(str(error))
        return
    quiet = table[table["others"] <= _QUIET]
    loud = (
        tr("{n} more left out, as other programs took over {share} % of the processor meanwhile.", n=len(table) - len(quiet), share=f"{100 * _QUIET:.0f}")
        if len(quiet) < len(table)
        else ""
    )
    if quiet.empty:
        st.caption(" ".join(filter(None, [tr("The ledger has no undisturbed forward pass of this device with these threads yet: measure a network."), loud])))
        return
    table = quiet
    off = (table["ratio"] - 1).abs()
    said = trn(
        "{n} result of the ledger; the estimate is off by {median} % in the median and {worst} % at worst.",
        "{n} results of the ledger; the estimate is off by {median} % in the median and {worst} % at worst.",
        len(table), median=f"{100 * off.median():.0f}", worst=f"{100 * off.max():.0f}",
    )  # fmt: skip
    st.caption(" ".join(filter(None, [said, loud])))
    chart(
        figures.measured_against(table, is_dark()),
        key="latency-check",
        name=f"estimated-against-measured-{machine.name}",
        of=list(table["network"]),
        frame=table,
        height=420,
    )
