"""The Devices page's state and its address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from blocks.knobs import KnobError
from blocks.language import tr, translatable
from blocks.latency.devices.asked import (
    RunSettings,
    device_slugs,
    published_run,
    settings_pairs,
    settings_text,
    slug_device,
    table_of,
    usual_run,
    usual_settings,
)  # fmt: skip
from blocks.latency.devices.benchmarks import typed_lines
from blocks.latency.devices.estimator import checked_precision
from blocks.latency.devices.pasted import MOST_PASTED
from blocks.latency.devices.prediction import known_device
from blocks.latency.devices.tables import DEVICE_TABLES, checked_settings
from blocks.latency.roofline.data_sheet import sheet_machine
from viz.kit.address import Address, Query
from viz.kit.choice import Choice, read_choice, write_choice
from viz.kit.network_picker import show_network
from viz.kit.parameters import one_of

_START = "resnet50"
_FIRST_DEVICE = "Raspberry Pi 5 Broadcom BCM2712, Cortex-A76 (ARMv8) (2.4GHz x 4)"
_LONGEST_SEARCH = 80
DEVICE_VIEWS = {
    "known": translatable("Published"),
    "own": translatable("Your device"),
    "sheet": translatable("Data sheet"),
    "flops": translatable("FLOPs or time"),
}
_OWN = ("view", "find", "on", "run", "table", "set", "times", "int8", "sheet")
_FIRST_SHEET = "float16=165,float32=82.6,bandwidth=1008"


@dataclass(frozen=True)
class DevicesState:
    """``device`` and its ``run`` are of the published tables; ``table``, ``settings`` and ``times`` describe a device that is in none; ``precision`` holds for both.
    ``sheet`` has the figures of a GPU's data sheet (:func:`blocks.latency.roofline.data_sheet.sheet_machine`).
    """

    choice: Choice
    view: str = "known"
    find: str = ""
    device: str = _FIRST_DEVICE
    run: RunSettings = (("threads", "4"), ("gpu", "no"))
    precision: str = "float"
    table: str = "ncnn"
    settings: RunSettings = (("threads", "4"), ("gpu", "no"))
    times: str = ""
    sheet: str = _FIRST_SHEET


def tidy_times(text: str) -> str:
    """Typed times as a state holds them: a network a line, no room around, no longer than is read; of the output of a benchmark what it says."""
    typed = typed_lines(text)
    text = text if typed.problems else typed.text
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
        device = slug_device(key, text)
        return replace(state, device=device, run=usual_run(device))
    if key == "run":
        return replace(state, run=published_run(state.device, text))
    if key == "table":
        one_of(key, text, DEVICE_TABLES)
        return replace(state, table=text, settings=usual_settings(text))
    if key == "set":
        return replace(state, settings=tuple(checked_settings(state.table, dict(settings_pairs(key, text))).items()))
    if key == "times":
        return replace(state, times=tidy_times(text))
    if key == "sheet":
        sheet_machine(text)
        return replace(state, sheet=",".join(part.strip() for part in text.split(",")))
    if key == "view":
        return replace(state, view=one_of(key, text, list(DEVICE_VIEWS)))
    if one_of(key, text, ["0", "1"]) == "1" and not has_8_bits(state):
        raise KnobError(key, text, tr("there are no 8-bit times in these settings"), ["0"])
    return replace(state, precision="int8" if text == "1" else "float")


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
    if state.sheet != _FIRST_SHEET:
        params["sheet"] = state.sheet
    return params


def _read(query: Query) -> tuple[DevicesState, list[str]]:
    return read_devices(dict(query))


def _write(state: DevicesState) -> Query:
    return tuple(write_devices(state).items())


DEVICES = Address(
    "pages/devices.py", _read, _write, lambda state, _: show_network(state.choice.name, "devices."),
    network=lambda state: state.choice, follow=lambda state, network: replace(state, choice=network),
)  # fmt: skip
