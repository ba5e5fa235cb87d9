"""The Devices page's controls: the view, the network in the sidebar, the published device and its run, or a device's own settings and times."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from blocks import reference
from blocks.language import tr, translatable, trn
from blocks.latency.devices.asked import RunSettings, device_slugs, runs_of, usual_run, usual_settings
from blocks.latency.devices.measured import measured_here
from blocks.latency.devices.tables import DEVICE_TABLES
from blocks.latency.devices.words import run_setting_words, run_words
from blocks.latency.store.queries import LedgerError
from viz.devices.address import DEVICE_VIEWS, DEVICES, DevicesState, has_8_bits, tidy_times
from viz.devices.titles import short_titles
from viz.kit.choice import Choice
from viz.kit.network_picker import nothing_mentions, pick_network
from viz.kit.refusal_view import working_choice
from viz.kit.widget_state import held, held_index

TABLE_TITLES = {"ncnn": "ncnn", "qualcomm": "Qualcomm AI Hub"}
SETTING_TITLES = {
    "threads": translatable("Threads"),
    "gpu": translatable("Runs on"),
    "runtime": translatable("Runtime"),
    "precision": translatable("Precision"),
    "unit": translatable("Unit"),
}
_EXAMPLE_TIMES = "mobilenet_v2 12.3\nresnet50 80"
_PRECISIONS = {"float": "float", "int8": translatable("8 bits")}


def device_view(state: DevicesState, prefix: str) -> DevicesState:
    """Which of the page's views is open."""
    view = st.segmented_control(
        tr("View"), list(DEVICE_VIEWS), format_func=lambda v: tr(DEVICE_VIEWS[v]), default=state.view, key=f"{prefix}view", required=True, label_visibility="collapsed",
    )  # fmt: skip
    state = replace(state, view=view)
    return state if has_8_bits(state) else replace(state, precision="float")


def device_network(state: DevicesState) -> DevicesState:
    """The network, as on the other pages."""
    name = pick_network(state.choice.name, "devices.")
    return state if name == state.choice.name else replace(state, choice=Choice(name))


def working_devices(state: DevicesState) -> DevicesState:
    """``state`` with a network that works (:func:`viz.kit.refusal_view.working_choice`)."""
    return replace(state, choice=working_choice(state.choice, (), lambda choice: DEVICES.update(replace(state, choice=choice)), "devices"))


def known_controls(state: DevicesState, prefix: str) -> DevicesState:
    """The search for a published device, the device, its run and the precision."""
    with st.container(key="devices-known"):
        search, listed, runs = st.columns([2, 5, 3], vertical_alignment="bottom")
    key = f"{prefix}find"
    find = search.text_input(
        tr("Search for a device"), held(key, state.find), max_chars=80, key=key, placeholder=tr("name, chip, clock"), icon=":material/search:"
    )
    find = " ".join(find.split())
    names = [name for name in device_slugs().values() if _fits(name, find)]
    if not names:
        st.caption(" ".join(nothing_mentions(find, [])))
        names = list(device_slugs().values())
    state = replace(state, find=find)
    if state.device not in names:
        names = [state.device, *names]
    key = f"{prefix}device"
    titles = short_titles(sorted(device_slugs().values()))
    device = listed.selectbox(
        tr("Device ({n} fit)", n=len(names)), names, held_index(key, names, state.device), format_func=lambda name: titles.get(name, name), key=key
    )
    if device != state.device:
        state = replace(state, device=device, run=usual_run(device), precision="float")
    options, key = _runs(state), f"{prefix}run.{device}"
    run, precision = runs.selectbox(
        tr("Run"), options, options.index((state.run, state.precision)), format_func=_run_title, key=key, help=tr("The settings that the device was timed in.")
    )
    if titles.get(device, device) != device:
        st.caption(device)
    return replace(state, run=run, precision=precision)


def _runs(state: DevicesState) -> list[tuple[RunSettings, str]]:
    """The runs of a device, each once more where 8-bit versions of networks were timed in it."""
    precisions = ((run, precision) for run in runs_of(state.device) for precision in _PRECISIONS)
    return [(run, precision) for run, precision in precisions if precision == "float" or has_8_bits(replace(state, run=run))]


def _run_title(run: tuple[RunSettings, str]) -> str:
    return " · ".join([run_words(run[0]), *([tr(_PRECISIONS["int8"])] if run[1] == "int8" else [])])


def _fits(name: str, text: str) -> bool:
    return all(word in name.casefold() for word in text.casefold().split())


def _precision(state: DevicesState, prefix: str) -> DevicesState:
    if not has_8_bits(state):
        return replace(state, precision="float")
    key = f"{prefix}precision"
    picked = st.selectbox(
        tr("Precision"), list(_PRECISIONS), held_index(key, list(_PRECISIONS), state.precision), format_func=lambda p: tr(_PRECISIONS[p]), key=key
    )
    return replace(state, precision=picked)


def own_controls(state: DevicesState, prefix: str) -> DevicesState:
    """The table to compare with, the device's settings, and the times of a few networks on it."""
    with st.container(border=True):
        first, *rest = st.columns([2, 2, 2, 2], vertical_alignment="bottom")
        key = f"{prefix}table"
        table = first.selectbox(
            tr("Compared with"), list(DEVICE_TABLES), held_index(key, DEVICE_TABLES, state.table), format_func=lambda t: TABLE_TITLES[t], key=key,
            help=tr("The published devices that yours is compared with: ncnn's run on processors and Vulkan, Qualcomm's on phones, boards and cars."),
        )  # fmt: skip
        state = _on_table(state, table)
        chosen = [_setting(table, name, value, column, prefix) for (name, value), column in zip(state.settings, rest, strict=False)]
        state = replace(state, settings=tuple(chosen))
        if len(rest) > len(chosen):
            with rest[-1]:
                state = _precision(state, prefix)
        key = f"{prefix}times"
        _measured_here(table, key)
        text = st.text_area(
            tr("Times measured there, a network a line"), held(key, state.times), height=120, key=key, placeholder=_EXAMPLE_TIMES,
            help=tr("Milliseconds of one picture, typed or pasted: `resnet50 80`, `resnet50=0.08 s`, or the output of `benchncnn`, whose averages count, of `trtexec`, or of timm's `benchmark.py` at batch 1."),
        )  # fmt: skip
    return replace(state, times=tidy_times(text))


def _measured_here(table: str, key: str) -> None:
    """A button that puts the ledger's times of this machine into the field ``key``, where there are any."""
    try:
        found = measured_here(table)
    except LedgerError:  # the page of the ledger says why
        return
    if not found:
        return
    lines = "\n".join(f"{name} {ms:.4g}" for name, ms in found.items())
    st.button(
        trn("Use the time measured on this machine", "Use the {n} times measured on this machine", len(found)),
        key=f"{key}.measured", icon=":material/database:", on_click=lambda: st.session_state.update({key: lines}),
        help=tr("From the ledger: the newest of each network, one picture in float32 by PyTorch on the CPU. Other runtimes, such as the table's, have other overheads."),
    )  # fmt: skip


def _on_table(state: DevicesState, table: str) -> DevicesState:
    return state if table == state.table else replace(state, table=table, settings=usual_settings(table))


def ranks_controls(state: DevicesState, prefix: str) -> DevicesState:
    """The table whose runs are shown."""
    key = f"{prefix}ranks"
    table = st.segmented_control(
        tr("Table"),
        list(DEVICE_TABLES),
        format_func=lambda t: TABLE_TITLES[t],
        default=held(key, state.table),
        key=key,
        required=True,
        label_visibility="collapsed",
    )
    return _on_table(state, table)


def _setting(table: str, name: str, value: str, column: st.delta_generator.DeltaGenerator, prefix: str) -> tuple[str, str]:
    key = f"{prefix}{table}.{name}"
    if name == "threads":
        return name, str(int(column.number_input(tr(SETTING_TITLES[name]), 1, 1024, held(key, int(value)), key=key)))
    known = sorted(reference.device_latency(table)[name].astype(str).unique())
    return name, str(
        column.selectbox(tr(SETTING_TITLES[name]), known, held_index(key, known, value), format_func=lambda v: run_setting_words(name, v), key=key)
    )
