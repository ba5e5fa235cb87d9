"""Which device is meant, and how an address and a counting process name it: ``raspberry-pi-5-...~threads=1,gpu=no``, or a device by its probes."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

import numpy as np

from blocks.knobs import KnobError, nearest_names
from blocks.language import tr
from blocks.latency.devices.estimator import DeviceTimes, checked_precision
from blocks.latency.devices.prediction import find_run, known_device, probed_device
from blocks.latency.devices.tables import DEVICE_TABLES, RUN_SETTINGS, checked_settings, checked_time, population
from blocks.latency.devices.words import in_ms

#: The settings of a run as they were chosen, in the table's order.
RunSettings = tuple[tuple[str, str], ...]
_PROBES = "probes"
_LONGEST = 2000  # characters of a device's name in an address


@dataclass(frozen=True)
class AskedDevice:
    """Which device is meant: one of the tables, or one of which ``probes`` were timed, by network in milliseconds."""

    table: str
    device: str
    settings: RunSettings
    precision: str
    probes: tuple[tuple[str, float], ...] = ()

    @property
    def probe_words(self) -> str:
        """Its probes in a line."""
        return ", ".join(f"{name} {in_ms(ms)} ms" for name, ms in self.probes)

    @property
    def title(self) -> str:
        """Its name; of one that is in no table its probes."""
        return self.device or tr("a device known by {probes}", probes=self.probe_words)


@functools.lru_cache(maxsize=64)
def device_times(asked: AskedDevice) -> DeviceTimes:
    """The device as the model sees it. Raises KnobError for probes that fit no device."""
    if asked.probes:
        return probed_device(dict(asked.probes), dict(asked.settings), precision=asked.precision, table=asked.table)
    return known_device(asked.device, dict(asked.settings), precision=asked.precision, table=asked.table)


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
    fleet = population(table_of(device))
    rows = fleet.settings[fleet.devices == device].drop_duplicates()
    found = [tuple((str(k), str(v)) for k, v in row.items()) for _, row in rows.iterrows()]
    first = usual_run(device)
    return (first, *(run for run in found if run != first))


@functools.lru_cache(maxsize=256)
def usual_run(device: str) -> RunSettings:
    """The settings that a device is shown in first."""
    fleet, run = find_run(device, {}, table_of(device))
    return tuple((str(k), str(v)) for k, v in fleet.settings.iloc[run].items())


def usual_settings(table: str) -> RunSettings:
    """The settings that a table's devices usually run in."""
    return tuple(RUN_SETTINGS[table].items())


def published_device(device: str) -> AskedDevice:
    """A published device in its usual run."""
    return AskedDevice(table_of(device), device, usual_run(device), "float")


# --- Text ------------------------------------------------------------------------------------------


def settings_text(settings: RunSettings) -> str:
    """Settings as an address has them."""
    return ",".join(f"{name}={value}" for name, value in settings)


def settings_pairs(key: str, text: str) -> RunSettings:
    """What :func:`settings_text` wrote. Raises KnobError."""
    parts = [part.partition("=") for part in text.split(",")]
    if not all(name and value for name, _, value in parts):
        raise KnobError(key, text, "must be settings such as threads=4,gpu=no")
    return tuple((name.strip(), value.strip()) for name, _, value in parts)


def slug_device(key: str, text: str) -> str:
    """The published device of an address, or the one that words fit. Raises KnobError."""
    slugs = device_slugs()
    if text in slugs:
        return slugs[text]
    try:
        fleet, run = find_run(text, {})
    except KnobError as error:
        raise KnobError(key, text, "is no published device", nearest_names(text, list(slugs), 2, 0.3)) from error
    return str(fleet.devices[run])


def published_run(device: str, text: str) -> RunSettings:
    """The run of a published device with these settings. Raises KnobError."""
    wanted, runs = settings_pairs("run", text), runs_of(device)
    if wanted not in runs:
        raise KnobError("run", text, f"is no published run of {device}", [settings_text(run) for run in runs[:2]])
    return wanted


def device_text(asked: AskedDevice) -> str:
    """A device as one word of an address; :func:`read_device` reads it."""
    if asked.probes:
        times = ",".join(f"{name}={ms!r}" for name, ms in asked.probes)
        return "~".join([_PROBES, asked.table, settings_text(asked.settings), asked.precision, times])
    slug = next(slug for slug, name in device_slugs().items() if name == asked.device)
    run = [] if asked.settings == usual_run(asked.device) else [settings_text(asked.settings)]
    return "~".join([slug, *run, *(["int8"] if asked.precision == "int8" else [])])


@functools.lru_cache(maxsize=256)
def read_device(text: str) -> AskedDevice:
    """The device of an address, whose model can be made. Raises KnobError for a device, a run or probes that are none."""
    if len(text) > _LONGEST:
        raise KnobError("device", text[:40] + "…", f"is too long: at most {_LONGEST} characters")
    first, *rest = text.split("~")
    asked = _probed(text, rest) if first == _PROBES else _published(first, rest)
    device_times(asked)
    return asked


def _published(slug: str, rest: list[str]) -> AskedDevice:
    device = slug_device("device", slug)
    precision = "int8" if rest[-1:] == ["int8"] else "float"
    runs = rest[:-1] if precision == "int8" else rest
    run = published_run(device, "~".join(runs)) if runs else usual_run(device)
    return AskedDevice(table_of(device), device, run, precision)


def _probed(text: str, rest: list[str]) -> AskedDevice:
    if len(rest) != 4:
        raise KnobError("device", text, "must be a published device, or probes, table, settings, precision and times, with ~ between them")
    table, settings, precision, times = rest
    chosen = tuple(checked_settings(table, dict(settings_pairs("device", settings))).items())
    checked_precision(table, precision, dict(chosen))
    probes = tuple((name, checked_time(name, ms)) for name, ms in settings_pairs("device", times))
    return AskedDevice(table, "", chosen, precision, probes)
