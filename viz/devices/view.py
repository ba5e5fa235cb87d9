"""A device on the page: the network of the page there, accuracy against time of all presets, what is published, and how far off the model is."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from blocks import reference
from blocks.knobs import KnobError
from blocks.language import tr, translatable, trn
from blocks.latency.devices.asked import AskedDevice, device_times, table_of
from blocks.latency.devices.estimator import DeviceEstimate, model_error
from blocks.latency.devices.flop_ranks import flop_ranks
from blocks.latency.devices.left_out import PROBES
from blocks.latency.devices.pasted import pasted_probes
from blocks.latency.devices.words import in_ms, run_words
from blocks.trace.errors import TraceError
from viz.devices.address import DevicesState
from viz.devices.controls import TABLE_TITLES
from viz.devices.estimates import error_there, estimates, last_good
from viz.devices.figures import accuracy_time
from viz.devices.precisions import precision_table
from viz.devices.tables import error_table, number_columns, presets_there, published_there
from viz.kit import links
from viz.kit.charts import chart, is_dark
from viz.kit.choice import Choice
from viz.kit.chosen_device import choose_device, estimate_there, estimate_words, is_estimated
from viz.kit.markdown import error_box, plain_markdown
from viz.kit.navigation import link_to
from viz.kit.network_picker import network_title
from viz.kit.rank_chart import rank_chart
from viz.kit.saving import saved_table
from viz.kit.setting import setting_title
from viz.kit.task import Task, live, progress

#: Where each table is from.
SOURCES = {
    "ncnn": translatable("Published in benchmark/README.md of github.com/Tencent/ncnn (BSD-3-Clause), read on 2026-07-22."),
    "qualcomm": translatable("Published in perf.yaml of github.com/quic/ai-hub-models (BSD-3-Clause), read on 2026-02-12."),
}


def known_view(state: DevicesState) -> None:
    """A device of the published tables."""
    asked = AskedDevice(table_of(state.device), state.device, state.run, state.precision)
    _device(asked, state.choice)
    _errors(asked)


def own_view(state: DevicesState) -> None:
    """A device that is in no table, by the times of a few networks."""
    read = pasted_probes(state.times, state.table)
    for sentence in read.problems:
        error_box(sentence)
    if read.skipped:
        st.caption(tr("Not compared by: {networks}.", networks=plain_markdown(", ".join(read.skipped))))
    asked = AskedDevice(state.table, "", state.settings, state.precision, tuple((name, float(str(ms))) for name, ms in read.probes.items()))
    shown = _fitting(asked) if asked.probes else None
    if shown is None:
        if not asked.probes:
            st.info(first_probe(state.table), icon=":material/timer:")
        _errors(asked)
        return
    following = device_times(shown).next_probe
    if following is not None:
        st.markdown(tr("**Next, time {network}**: of all networks it would narrow the others' intervals most.", network=f"`{following}`"))
    _device(shown, state.choice)
    _errors(shown)


def first_probe(table: str) -> str:
    """What to time first, and then."""
    first, *others = PROBES[table]
    return tr("Time {network} on your device and type it above. Then, best first: {others}.", network=first, others=", ".join(others))


def _fitting(asked: AskedDevice) -> AskedDevice | None:
    """``asked`` where its times are those of a device, else the last that were, with a sentence; None before any."""
    try:
        device_times(asked)
    except KnobError as error:
        error_box(str(error))
        good = last_good()
        if good is not None:
            st.caption(f":material/history: {tr('Shown below are the last times that fit: {times}.', times=good.probe_words)}")
        return good
    return last_good(asked)


def flops_view(state: DevicesState) -> None:
    """How well FLOPs order the published times of each run."""
    with st.spinner(tr("Counting the networks of the table …")):
        frame = flop_ranks(state.table)
    low, high = frame["rho"].quantile(0.1), frame["rho"].quantile(0.9)
    st.markdown("#### " + tr(
        "FLOPs order a run's networks with a rank correlation of {median} in the median; of eight in ten runs between {low} and {high}",
        median=f"{frame['rho'].median():.2f}", low=f"{low:.2f}", high=f"{high:.2f}",
    ))  # fmt: skip
    of = tr("{n} published runs", n=len(frame))
    chart(
        rank_chart(frame, state.device, is_dark()),
        key="devices.ranks",
        name="flops-against-time",
        of=of,
        frame=frame,
        heads={"rho": "rank correlation"},
        height=460,
    )
    st.caption(tr("1: the network with more FLOPs always takes longer. {source}", source=tr(SOURCES[state.table])))


# --- The parts -------------------------------------------------------------------------------------


def _device(asked: AskedDevice, choice: Choice) -> None:
    """The network of the page on a device, and all presets there."""
    task = estimates(asked)
    live([task], lambda: _estimated(asked, choice, task))


def _estimated(asked: AskedDevice, choice: Choice, task: Task | None) -> None:
    own = None
    if task is not None and (task.over or task.partial is not None):  # until then the model itself is being prepared
        choose_device(asked)
        own = _own(asked, choice)
        if own is not None:
            _precisions(asked, choice)
    else:
        _figures(None, asked, choice)
    if task is None:
        return
    if not task.over or task.result is None:
        progress(task, tr("Tracing every preset: the first time takes some seconds."))
    frame = task.result if task.result is not None else task.partial
    if isinstance(frame, pd.DataFrame):
        _presets(asked, choice, frame, own)
        if not asked.probes:
            _published(asked)


def _precisions(asked: AskedDevice, choice: Choice) -> None:
    """What quantising brings here; nothing where one precision alone is known."""
    table = precision_table(asked, choice).dropna(axis=1, how="all")
    if table.empty:
        return
    with st.expander(tr("In other precisions"), icon=":material/compress:"):
        saved_table(table, "devices.precisions", number_columns(table), placeholder="–", of=f"{asked.title}, {choice.name}", what="precisions")
        st.caption(
            tr(
                "Known: published, or timed by you. Top-1 as published on ImageNet; where an 8-bit version has none, none is published in the sources used here."
            )
        )


def _own(asked: AskedDevice, choice: Choice) -> DeviceEstimate | None:
    """The figures of the network of the page; None, and a sentence, where it cannot be estimated."""
    if not is_estimated(choice):
        st.info(
            tr("{network} is not estimated: the model of times was fitted to whole networks of the catalog.", network=network_title(choice.name)),
            icon=":material/info:",
        )
        return None
    try:
        found = estimate_there(asked, choice)
    except (KnobError, TraceError) as error:
        error_box(str(error))
        return None
    _figures(found, asked, choice)
    return found


def network_heading(choice: Choice) -> None:
    """The network that the figures below are of, and the way to it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.markdown(f"#### {setting_title(choice, network_title(choice.name))}", width="content")
        link_to(links.explore_link(choice), tr("Open in Explore"), icon=":material/tune:")


def _figures(found: DeviceEstimate | None, asked: AskedDevice, choice: Choice) -> None:
    """Estimated, and apart from it what is published or was typed."""
    with st.container(key="devices-figures"):
        network_heading(choice)
        estimated, known, error = st.columns(3, vertical_alignment="top")
        time, interval = estimate_words(found) if found else ("…", "…")
        of_run = found is not None and found.basis != "estimated"
        estimated.metric(
            tr("Another run of it") if of_run else tr("Estimated"), time, interval, delta_color="off", delta_arrow="off",
            help=tr("One picture, by the model of docs/devices.md. The interval covers 90 % of what was left out of the fit; of a network that was timed there it is that of another run."),
        )  # fmt: skip
        label = tr("Timed by you") if found is not None and found.basis == "given" else tr("Published")
        figure = f"{in_ms(found.ms)} ms" if found is not None and of_run else "–"
        words = tr("nothing of this network") if found is not None and not of_run else " "
        known.metric(label, figure, words, delta_color="off", delta_arrow="off")
        off, of_what = _error_words(found, asked)
        error.metric(
            tr("Median error"), off, of_what, delta_color="off", delta_arrow="off",
            help=tr("Of estimates of what was left out of the fit in turn: networks on this device, or whole devices known by as many probes, or networks of the table."),
        )  # fmt: skip


def _error_words(found: DeviceEstimate | None, asked: AskedDevice) -> tuple[str, str]:
    """The error to expect, and of what it is the median."""
    if found is None:
        return "…", "…"
    if not asked.probes:
        there = error_there(asked)
        return (f"{100 * there['off'].median():.2g} %", tr("here, {n} networks left out", n=len(there))) if len(there) else ("–", " ")
    if found.error is None:
        return "–", tr("timed, not estimated")
    of_networks = found.error == model_error(asked.table, "network", 0)
    return f"{100 * found.error:.2g} %", tr("networks left out") if of_networks else trn(
        "devices left out, {n} probe", "devices left out, {n} probes", len(asked.probes)
    )


def _presets(asked: AskedDevice, choice: Choice, frame: pd.DataFrame, own: DeviceEstimate | None) -> None:
    of = f"{asked.title}, {run_words(asked.settings)}"
    st.markdown(f"#### {tr('Accuracy against time, all presets')}")
    made = accuracy_time(frame, own, setting_title(choice), is_dark())
    table = presets_there(frame, given=bool(asked.probes))
    chart(made, key="devices.front", name="accuracy-against-time", of=of, frame=table, height=520)
    st.caption(
        tr(
            "Times of one picture. Filled marks are published or timed, open ones are estimated. Accuracies as published, of 32-bit floating point; training recipes differ."
        )
    )
    with st.expander(tr("All presets as a table"), icon=":material/table:"):
        saved_table(table, "devices.presets", number_columns(table), placeholder="–", of=of, what="times")


def _published(asked: AskedDevice) -> None:
    """What is published of a device, and what the model says of each network without it."""
    st.markdown(f"#### {tr('Published of this device')}")
    table = published_there(device_times(asked), error_there(asked))
    saved_table(table, "devices.published", number_columns(table), placeholder="–", of=f"{asked.title}, {run_words(asked.settings)}", what="published-times")
    st.caption(tr("{source} ≈ without it: what the model says of a network that is left out of its fit.", source=tr(SOURCES[asked.table])))


def _errors(asked: AskedDevice) -> None:
    """What the model was off on what it had not seen."""
    st.markdown(f"#### {tr('How far off the model is')}")
    part = "device" if asked.probes or not asked.device else "network"
    table = error_table(reference.device_model(), asked.table, part)
    saved_table(table, "devices.errors", number_columns(table), placeholder="–", of=f"{asked.table} table", what="errors-left-out")
    st.caption(
        tr(
            "Of {table}: each device, network or family left out of the fit in turn, with all its rows. Covered: by the 90 % interval. Regression, roofline: median errors of these.",
            table=TABLE_TITLES[asked.table],
        )
    )
