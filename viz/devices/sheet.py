"""A GPU that nobody timed, by its data sheet: how many pictures a second the network of the page reaches there."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from blocks.knobs import KnobError
from blocks.language import tr, translatable
from blocks.latency.devices.words import in_ms
from blocks.latency.roofline.data_sheet import SHEET_LIMITS, sheet_estimate, sheet_machine
from blocks.trace.errors import TraceError
from viz.devices.address import DevicesState
from viz.devices.view import network_heading
from viz.kit.chosen_device import estimate_interval
from viz.kit.markdown import error_box
from viz.kit.numbers import significant
from viz.kit.widget_state import held

_LABELS = {
    "float16": translatable("Peak in float16, dense (TFLOPS)"),
    "float32": translatable("Peak in float32 (TFLOPS)"),
    "bandwidth": translatable("Memory bandwidth (GB/s)"),
}


def sheet_controls(state: DevicesState, prefix: str) -> DevicesState:
    """The figures of the data sheet."""
    now = dict(part.split("=") for part in state.sheet.split(","))
    typed = []
    for column, (name, (low, high)) in zip(st.columns(len(SHEET_LIMITS), vertical_alignment="bottom"), SHEET_LIMITS.items(), strict=True):
        key = f"{prefix}sheet.{name}"
        value = column.number_input(tr(_LABELS[name]), low, high, held(key, float(now[name])), format="%g", key=key)
        typed.append(f"{name}={value:.10g}")
    return replace(state, sheet=",".join(typed))


def sheet_view(state: DevicesState) -> None:
    """The estimate, marked as one, and what it rests on."""
    try:
        found = sheet_estimate(sheet_machine(state.sheet), state.choice.name, state.choice.knobs, state.choice.shape[1:])
    except (KnobError, TraceError) as error:
        error_box(str(error))
        return
    network_heading(state.choice)
    rate, one, error_there = st.columns(3, vertical_alignment="top")
    rate.metric(
        tr("Pictures per second"), f"≈ {significant(found.images_per_second, 3)}", tr("90 %: {low} – {high}", low=significant(found.low, 3), high=significant(found.high, 3)), delta_color="off", delta_arrow="off",
        help=tr("In float16, {n} pictures at once, as published throughputs are measured. The interval covers at least 90 % of the figures of GPUs that were left out of the fit.", n=found.batch),
    )  # fmt: skip
    times = (1e3 / found.high, 1e3 / found.low)
    one.metric(tr("Time per picture"), f"≈ {in_ms(1e3 / found.images_per_second, 3)} ms", estimate_interval(*times), delta_color="off", delta_arrow="off")
    error_there.metric(
        tr("Median error"), f"{100 * found.error:.2g} %", tr("four GPUs, each left out"), delta_color="off", delta_arrow="off",
        help=tr("Of estimates for each GPU of the published throughputs by the three others, the network left out as well. None of them is a data-centre GPU, which may be further off."),
    )  # fmt: skip
    st.caption(tr("Peaks are of dense arithmetic: many data sheets name twice as much, for sparse matrices."))
