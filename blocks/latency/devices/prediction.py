"""The latency of any network of the catalog on a known device, or on one of which a few networks were timed. Estimated; with what is published beside it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from blocks.knobs import KnobError
from blocks.latency.devices.estimator import DeviceEstimate, DeviceTimes, checked_precision
from blocks.latency.devices.left_out import REPEAT_SD
from blocks.latency.devices.tables import DEVICE_TABLES, RUN_SETTINGS, Population, checked_probes, checked_settings, context_of, population
from blocks.latency.devices.transfer import Transferred, transfer

__all__ = ["DeviceEstimate", "find_run", "known_device", "known_devices", "predict_known", "predict_probed", "probed_device"]


def known_device(device: str, settings: Mapping[str, str] | None = None, *, precision: str = "float", table: str | None = None) -> DeviceTimes:
    """A device of the tables, found by words of its name. Raises :class:`KnobError` where they fit none or several."""
    fleet, run = find_run(device, settings or {}, table)
    chosen = {str(k): str(v) for k, v in fleet.settings.iloc[run].items()}
    kind = checked_precision(fleet.table, precision, chosen)
    found = Transferred(fleet.times[run].copy(), REPEAT_SD**2 * np.eye(len(fleet.columns)))
    made = DeviceTimes(fleet, str(fleet.devices[run]), chosen, kind, found)
    if not made.networks:
        raise KnobError("precision", precision, "nothing of this precision was published for this run", ["float"])
    return made


def probed_device(probes: Mapping[str, object], settings: Mapping[str, str] | None = None, *, precision: str = "float", table: str = "ncnn") -> DeviceTimes:
    """A device that is in no table, from the milliseconds of one or more networks there. Raises :class:`KnobError`."""
    chosen = checked_settings(table, settings or {})
    fleet, kind = population(table), checked_precision(table, precision, chosen)
    own = checked_probes(fleet, probes)
    return DeviceTimes(fleet, "", chosen, kind, transfer(fleet, own, context_of(table, chosen)), own)


def predict_known(
    device: str,
    preset: str,
    knobs: Mapping[str, object] | None = None,
    *,
    settings: Mapping[str, str] | None = None,
    precision: str = "float",
    table: str | None = None,
) -> DeviceEstimate:
    """A network on :func:`known_device`. Raises :class:`KnobError`."""
    return known_device(device, settings, precision=precision, table=table).estimate(preset, knobs)


def predict_probed(
    probes: Mapping[str, object], preset: str, knobs: Mapping[str, object] | None = None, *,
    settings: Mapping[str, str] | None = None, precision: str = "float", table: str = "ncnn",
) -> DeviceEstimate:  # fmt: skip
    """A network on :func:`probed_device`. Raises :class:`KnobError`."""
    return probed_device(probes, settings, precision=precision, table=table).estimate(preset, knobs)


# --- Known devices ---------------------------------------------------------------------------------


def known_devices(text: str = "") -> pd.DataFrame:
    """Every run of the tables whose device has all words of ``text``: table, device, settings, number of published networks."""
    parts: list[pd.DataFrame] = []
    for table in DEVICE_TABLES:
        fleet = population(table)
        said = fleet.settings.apply(lambda row: ", ".join(f"{k}={v}" for k, v in row.items()), axis=1)
        rows = pd.DataFrame({"table": table, "device": fleet.devices, "settings": said, "networks": (~np.isnan(fleet.times)).sum(axis=1)})
        parts.append(rows[[_fits(name, text) for name in fleet.devices]])
    return pd.concat(parts, ignore_index=True)


def _fits(device: str, text: str) -> bool:
    return all(word in device.casefold() for word in text.casefold().split())


def find_run(device: str, settings: Mapping[str, str], table: str | None = None) -> tuple[Population, int]:
    """The run of a known device: the one with these settings, else with the table's usual ones, else its first. Raises :class:`KnobError`."""
    fitting = {(name, d) for name in DEVICE_TABLES if table in (None, name) for d in np.unique(population(name).devices) if _fits(d, device)}
    same = {found for found in fitting if found[1].casefold() == device.casefold()}
    names = sorted(d for _, d in same or fitting)
    if not names:
        raise KnobError("device", device, "is in no table; `devices` lists what is known, and --probe needs none")
    if len(names) > 1:
        found, count = "; ".join(names[:5]), len(names)
        raise KnobError("device", device, f"fits {count} devices: {found}")
    [(name, full)] = same or fitting
    fleet, wanted = population(name), dict(settings)
    checked_settings(name, wanted)
    runs = [int(i) for i in np.flatnonzero(fleet.devices == full) if all(fleet.settings.iloc[i][k] == v for k, v in wanted.items())]
    if not runs:
        known = fleet.settings[fleet.devices == full].agg(", ".join, axis=1).unique()
        raise KnobError("setting", ", ".join(f"{k}={v}" for k, v in wanted.items()), f"no such run of {full}; there are ({'), ('.join(known[:6])})")
    usual = {k: v for k, v in RUN_SETTINGS[name].items() if k not in wanted}
    same_as_usual = (fleet.settings[list(usual)] == pd.Series(usual)).sum(axis=1).to_numpy()
    published = (~np.isnan(fleet.times)).sum(axis=1)
    return fleet, max(runs, key=lambda i: (same_as_usual[i], published[i]))
