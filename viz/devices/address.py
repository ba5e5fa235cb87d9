"""The Devices page's state and its address."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from blocks.knobs import KnobError, nearest_names
from blocks.language import tr, translatable
from blocks.latency.devices.estimator import checked_precision
from blocks.latency.devices.pasted import MOST_PASTED
from blocks.latency.devices.prediction import find_run, known_device
from blocks.latency.devices.tables import DEVICE_TABLES, RUN_SETTINGS, checked_settings, population
from viz.kit.address import Address, Query
from viz.kit.choice import Choice, read_choice, write_choice
from viz.kit.chosen_device import RunSettings
from viz.kit.network_picker import show_network
from viz.kit.parameters import one_of

_START = "resnet50"
_FIRST_DEVICE = "Raspberry Pi 5 Broadcom BCM2712, Cortex-A76 (ARMv8) (2.4GHz x 4)"
_LONGEST_SEARCH = 80
DEVICE_VIEWS = {"known": translatable("Published"), "own": translatable("Your device"), "flops": translatable("FLOPs or time")}
_OWN = ("view", "find", "on", "run", "table", "set", "times", "int8")


@dataclass(frozen=True)
class DevicesState:
    """``device`` and its ``run`` are of the published tables; ``table``, ``settings`` and ``times`` describe a device that is in none. ``precision`` holds for both."""

    choice: Choice
    view: str = "known"
    find: str = ""
    device: str = _FIRST_DEVICE
    run: RunSettings = (("threads", "4"), ("gpu", "no"))
    precision: str = "float"
    table: str = "ncnn"
    settings: RunSettings = (("threads", "4"), ("gpu", "no"))
    times: str = ""


@functools.cache
def device_slugs() -> dict[str, str]:
    """What an address calls each published device."""
    names = [str(name) for table in DEVICE_TABLES for name in np.unique(population(table).devices)]
    return {re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-"): name for name in names}


@functools.cache
def table_of(device: str) -> str:
    """The published table that has a device."""
    return next(table for table in DEVICE_TABLES if device in population(table).devices)


@functools.lru_cache(maxsize=256)
def runs_of(device: str) -> tuple[RunSettings, ...]:
    """The settings that a device was timed in, the usual ones first, then as the table has them."""
    people = population(table_of(device))
    rows = people.settings[people.devices == device].drop_duplicates()
    found = [tuple((str(k), str(v)) for k, v in row.items()) for _, row in rows.iterrows()]
    first = usual_run(device)
    return (first, *(run for run in found if run != first))


@functools.lru_cache(maxsize=256)
def usual_run(device: str) -> RunSettings:
    """The settings that a device is shown in first."""
    people, run = find_run(device, {}, table_of(device))
    return tuple((str(k), str(v)) for k, v in people.settings.iloc[run].items())


def usual_settings(table: str) -> RunSettings:
    """The settings that a table's devices usually run in."""
    return tuple(RUN_SETTINGS[table].items())


def tidy_times(text: str) -> str:
    """Typed times as a state holds them: a network a line, no room around, no longer than is read."""
    return "\n".join(filter(None, (line.strip() for line in re.split(r"[\n;]", text.replace("\r", "")[:MOST_PASTED]))))


def has_8_bits(state: DevicesState) -> bool:
    """Whether 8-bit versions of networks are compared by, or were published, in the settings that a state shows."""
    try:
        if state.view == "own":
            return checked_precision(state.table, "int8", dict(state.settings)) == "int8"
        known_device(state.device, dict(state.run), precision="int8", table=table_of(state.device))
    except KnobError:
        return False
    return True


def read_devices(params: Mapping[str, str]) -> tuple[DevicesState, list[str]]:
    """The page's state from a URL, and a sentence for each part that could not be used."""
    choice, problems = read_choice({"net": _START} | {k: v for k, v in params.items() if k not in _OWN})
    state = DevicesState(choice)
    for key in _OWN:  # a run is looked up on its device, settings in their table, and both say whether there are 8-bit times
        if key in params:
            try:
                state = _with(state, key, params[key])
            except KnobError as error:
                problems.append(str(error))
    return state, problems


def _with(state: DevicesState, key: str, text: str) -> DevicesState:
    if key == "find":
        return replace(state, find=" ".join(text.split())[:_LONGEST_SEARCH])
    if key == "on":
        device = _device(text)
        return replace(state, device=device, run=usual_run(device))
    if key == "run":
        return replace(state, run=_run(state.device, text))
    if key == "table":
        one_of(key, text, DEVICE_TABLES)
        return replace(state, table=text, settings=usual_settings(text))
    if key == "set":
        return replace(state, settings=tuple(checked_settings(state.table, dict(_pairs(key, text))).items()))
    if key == "times":
        return replace(state, times=tidy_times(text))
    if key == "view":
        return replace(state, view=one_of(key, text, list(DEVICE_VIEWS)))
    if one_of(key, text, ["0", "1"]) == "1" and not has_8_bits(state):
        raise KnobError(key, text, tr("there are no 8-bit times in these settings"), ["0"])
    return replace(state, precision="int8" if text == "1" else "float")


def _device(text: str) -> str:
    slugs = device_slugs()
    if text in slugs:
        return slugs[text]
    try:
        people, run = find_run(text, {})
    except KnobError as error:
        raise KnobError("on", text, tr("is no published device"), nearest_names(text, list(slugs), 2, 0.3)) from error
    return str(people.devices[run])


def _run(device: str, text: str) -> RunSettings:
    wanted, runs = _pairs("run", text), runs_of(device)
    if tuple(wanted) not in runs:
        raise KnobError("run", text, tr("is no published run of {device}", device=device), [settings_text(run) for run in runs[:2]])
    return tuple(wanted)


def _pairs(key: str, text: str) -> list[tuple[str, str]]:
    parts = [part.partition("=") for part in text.split(",")]
    if not all(name and value for name, _, value in parts):
        raise KnobError(key, text, tr("must be settings such as threads=4,gpu=no"))
    return [(name.strip(), value.strip()) for name, _, value in parts]


def settings_text(settings: RunSettings) -> str:
    """Settings as an address has them."""
    return ",".join(f"{name}={value}" for name, value in settings)


def write_devices(state: DevicesState) -> dict[str, str]:
    """The URL of a state; what is as the page opens is left out."""
    params = write_choice(state.choice)
    if params == {"net": _START}:
        params = {}
    if state.view != "known":
        params["view"] = state.view
    if state.find:
        params["find"] = state.find
    if state.device != _FIRST_DEVICE:
        params["on"] = next(slug for slug, name in device_slugs().items() if name == state.device)
    if state.run != usual_run(state.device):
        params["run"] = settings_text(state.run)
    if state.precision == "int8":
        params["int8"] = "1"
    if state.table != DEVICE_TABLES[0]:
        params["table"] = state.table
    if state.settings != usual_settings(state.table):
        params["set"] = settings_text(state.settings)
    if state.times:
        params["times"] = state.times.replace("\n", ";")
    return params


def _read(query: Query) -> tuple[DevicesState, list[str]]:
    return read_devices(dict(query))


def _write(state: DevicesState) -> Query:
    return tuple(write_devices(state).items())


DEVICES = Address(
    "pages/devices.py", _read, _write, lambda state, _: show_network(state.choice.name, "devices."),
    network=lambda state: state.choice, follow=lambda state, network: replace(state, choice=network),
)  # fmt: skip
