"""Latency beside the page: measured in the worker process, live, started anew when a knob turns; the page never waits."""

from __future__ import annotations

import streamlit as st

from blocks import reference
from blocks.knobs import KnobError
from blocks.latency import lab
from viz.state import Choice

_JOB, _OF = "latency_job", "latency_of"
_DTYPES = ("float32", "bfloat16", "float16")


def latency_panel(choice: Choice) -> None:
    """Device, start and stop, and the figure as it narrows."""
    devices = lab.devices()
    left, middle = st.columns([3, 1], vertical_alignment="bottom")
    names = {d.device: d.name for d in devices}
    device = left.selectbox("Device", list(names), format_func=lambda d: f"{names[d]} ({d})", key="device")
    on = middle.toggle("Measure", key="measure", help="Stays on: a turned knob is measured again.")
    note = next((d.note for d in devices if d.note), "")
    if note:
        st.caption(note)
    if on:
        _start(choice, device)
    else:
        _stop()
    _live()
    _published(choice)


def _start(choice: Choice, device: str) -> None:
    wanted = (choice.key, device)
    if st.session_state.get(_OF) == wanted:
        return
    _stop()
    st.session_state[_OF] = wanted
    if choice.dtype not in _DTYPES:
        st.session_state[_JOB] = None
        st.info(f"{choice.dtype} is counted but not measured; measured are {', '.join(_DTYPES)}.")
        return
    try:
        experiment = lab.Experiment(
            choice.name, tuple(choice.knobs.items()), choice.shape, device, choice.dtype, "forward_backward" if choice.training else "forward"
        )
        st.session_state[_JOB] = lab.submit(experiment, session=_session(), replace=True)
    except KnobError as error:
        st.session_state[_JOB] = None
        st.error(str(error), icon=":material/error:")


def _session() -> str:
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    context = get_script_run_ctx()
    return context.session_id if context else "local"


def _stop() -> None:
    job: str | None = st.session_state.get(_JOB)
    if job and not lab.status(job).over:
        lab.cancel(job)
    st.session_state[_OF] = None


def _live() -> None:
    job: str | None = st.session_state.get(_JOB)
    running = job is not None and not lab.status(job).over
    st.fragment(_figure, run_every=0.5 if running else None)(job, running)


def _figure(job: str | None, was_running: bool) -> None:
    if not job:
        st.metric("Latency", "–", "not measured yet", delta_color="off", delta_arrow="off")
        return
    status = lab.status(job)
    low, high = (f"{v * 1e3:.4g}" if v is not None else "?" for v in (status.low, status.high))
    value = f"{status.median * 1e3:.4g} ms" if status.median is not None else "…"
    st.metric(
        "Latency (median)",
        value,
        f"95 % interval {low} – {high} ms, n = {status.n}" if status.median is not None else status.state,
        delta_color="off",
        delta_arrow="off",
    )
    if status.over:
        result = lab.result(job)
        st.caption(_sentence(result) if isinstance(result, lab.Measurement) else status.message or status.state)
        if was_running:
            st.rerun()
        return
    ahead = f", {status.position} before it" if status.position else ""
    st.progress(min(1.0, status.share), f"{status.state}{ahead} · {status.phase or 'waiting'}")
    if st.button("Stop", key="stop", icon=":material/stop:"):
        lab.cancel(job)


def _sentence(result: lab.Measurement) -> str:
    remarks = " ".join(result.remarks)
    return f"{result.experiment.describe()} · n = {result.n} after {result.warmup} to warm up · {result.throughput:.4g} images/s · {result.why} {remarks}"


def _published(choice: Choice) -> None:
    found = reference.throughput(choice.name)
    gpus = found[found["setup"].str.contains("rtx|4090|5090|6000", case=False, regex=True)]
    if gpus.empty:
        return
    best = gpus.sort_values("images_per_second", ascending=False).head(4)
    rows = "; ".join(f"{r.setup}: {r.images_per_second:,.0f} images/s".replace(",", " ") for r in best.itertuples())
    st.caption(f"Published by timm, not measured here: {rows}.")
