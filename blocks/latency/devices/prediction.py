"""The latency of any network of the catalog on a known device, or on one of which a few networks were timed. Estimated; with what is published beside it."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from blocks import reference
from blocks.knobs import KnobError
from blocks.latency.devices.features import network_work
from blocks.latency.devices.left_out import PROBES, REPEAT_SD
from blocks.latency.devices.network_kriging import krige, table_networks
from blocks.latency.devices.tables import DEVICE_TABLES, RUN_SETTINGS, Population, checked_probes, checked_settings, context_of, population
from blocks.latency.devices.transfer import Z90, Transferred, next_probe, transfer

#: Spread of one run of a network about another with the same settings, beyond what both have in common: `python -m scripts.fit_latency` prints 5 % in the median between two.
RUN_SD = 0.05


@dataclass(frozen=True)
class DeviceEstimate:
    """An estimate of one picture's latency in milliseconds with its 90 % interval, ``low`` to ``high``.

    Where the network itself was timed there, the interval is that of another run of it. ``published`` is the table's own figure where it has one for this network and run. ``error`` is the median error of such estimates on what was left out of the fit; None where the network itself was timed.
    ``next_probe`` is the network whose time would narrow the estimates of all others most; None on a known device.
    """

    table: str
    device: str
    settings: dict[str, str]
    network: str
    ms: float
    low: float
    high: float
    published: float | None
    error: float | None
    next_probe: str | None


def predict_known(
    device: str,
    preset: str,
    knobs: Mapping[str, object] | None = None,
    *,
    settings: Mapping[str, str] | None = None,
    precision: str = "float",
    table: str | None = None,
) -> DeviceEstimate:
    """A network on a device of the tables, found by words of its name. Raises :class:`KnobError` where they fit none or several."""
    people, run = find_run(device, settings or {}, table)
    error: float | None
    kind, network = _precision(people.table, precision), typed_network(preset, knobs)
    found = Transferred(people.times[run], REPEAT_SD**2 * np.eye(len(people.columns)))
    column = _column(people, preset, knobs, kind)
    if column is not None and np.isfinite(found.mean[column]):
        mean, sd = float(found.mean[column]), RUN_SD
        error, published = None, float(np.exp(found.mean[column]))
    else:
        mean, sd = _kriged(people.table, kind, preset, knobs, found, 1.0)
        error, published = _error(people.table, "network", 0), None
    return _made(people, str(people.devices[run]), dict(people.settings.iloc[run]), network, (mean, sd), published, error, None)


def predict_probed(
    probes: Mapping[str, object], preset: str, knobs: Mapping[str, object] | None = None, *,
    settings: Mapping[str, str] | None = None, precision: str = "float", table: str = "ncnn",
) -> DeviceEstimate:  # fmt: skip
    """A network on a device that is in no table, from the milliseconds of one or more networks there. Raises :class:`KnobError`."""
    chosen = checked_settings(table, settings or {})
    people, kind = population(table), _precision(table, precision)
    own = checked_probes(people, probes)
    found = transfer(people, own, context_of(table, chosen))
    count = min(len(own), len(PROBES[table]))
    error: float | None
    scale, column = _scale(table, "device", count), _column(people, preset, knobs, kind)
    if column in own:
        estimate, error = (own[column], RUN_SD), None
    elif column is not None:
        estimate, error = (float(found.mean[column]), scale * float(found.sd[column])), _error(table, "device", count)
    else:
        estimate, error = _kriged(table, kind, preset, knobs, found, scale), _error(table, "network", 0)
    return _made(people, "", chosen, typed_network(preset, knobs), estimate, None, error, _next(people, found, set(own)))


def typed_network(preset: str, knobs: Mapping[str, object] | None) -> str:
    """A network as a person types it."""
    return ",".join([preset, *(f"{k}={v}" for k, v in (knobs or {}).items())])


def _made(
    people: Population,
    device: str,
    settings: dict[str, str],
    network: str,
    estimate: tuple[float, float],
    published: float | None,
    error: float | None,
    following: str | None,
) -> DeviceEstimate:
    mean, sd = estimate
    low, ms, high = (float(np.exp(mean + z * sd)) for z in (-Z90, 0.0, Z90))
    return DeviceEstimate(people.table, device, settings, network, ms, low, high, published, error, following)


def _next(people: Population, found: Transferred, probed: set[int]) -> str | None:
    # 8-bit versions and networks that few runs have are no probes to ask for.
    rare = {i for i, c in enumerate(people.columns) if c.precision == "int8" or np.isnan(people.times[:, i]).mean() > 0.35}
    kept = [i for i in range(len(people.columns)) if i not in rare or i in probed]
    part = Transferred(found.mean[kept], found.covariance[np.ix_(kept, kept)])
    place = next_probe(part, {kept.index(i) for i in probed})
    return None if place is None else people.columns[kept[place]].name


def _precision(table: str, precision: str) -> str:
    if table == "ncnn":
        if precision not in ("float", "int8"):
            raise KnobError("precision", precision, "the ncnn table knows float and int8", ["float", "int8"])
        return precision
    if precision != "float":
        raise KnobError("precision", precision, "is a setting of a run in the qualcomm table: --setting precision=w8a8")
    return ""


def _column(people: Population, preset: str, knobs: Mapping[str, object] | None, precision: str) -> int | None:
    """The table's column of exactly this network; None where it has none."""
    columns = [i for i, c in enumerate(people.columns) if c.preset == preset and c.precision == precision]
    exact = columns and np.array_equal(network_work(preset, None, knobs), network_work(preset, None))
    own_side = columns and people.columns[columns[0]].side in (None, 227)  # 3 pixels more or less are the same network
    return columns[0] if exact and own_side else None


def _kriged(table: str, precision: str, preset: str, knobs: Mapping[str, object] | None, found: Transferred, scale: float) -> tuple[float, float]:
    networks, places = table_networks(table, precision)
    part = Transferred(found.mean[list(places)], found.covariance[np.ix_(places, places)])
    kriged = krige(networks, network_work(preset, None, knobs), part)
    return kriged.mean, float(np.hypot(_scale(table, "network", 0) * kriged.network_sd, scale * kriged.device_sd))


@functools.cache
def _model(table: str, part: str, probes: int) -> tuple[float, float]:
    rows = reference.device_model()
    row = rows[(rows["table"] == table) & (rows["left_out"] == part) & (rows["probes"] == probes)].iloc[0]
    return float(row["scale"]), float(row["estimated_median"])


def _scale(table: str, part: str, probes: int) -> float:
    return _model(table, part, probes)[0]


def _error(table: str, part: str, probes: int) -> float:
    return _model(table, part, probes)[1]


# --- Known devices ---------------------------------------------------------------------------------


def known_devices(text: str = "") -> pd.DataFrame:
    """Every run of the tables whose device has all words of ``text``: table, device, settings, number of published networks."""
    parts: list[pd.DataFrame] = []
    for table in DEVICE_TABLES:
        people = population(table)
        said = people.settings.apply(lambda row: ", ".join(f"{k}={v}" for k, v in row.items()), axis=1)
        rows = pd.DataFrame({"table": table, "device": people.devices, "settings": said, "networks": (~np.isnan(people.times)).sum(axis=1)})
        parts.append(rows[[_fits(name, text) for name in people.devices]])
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
    people, wanted = population(name), dict(settings)
    checked_settings(name, wanted)
    runs = [int(i) for i in np.flatnonzero(people.devices == full) if all(people.settings.iloc[i][k] == v for k, v in wanted.items())]
    if not runs:
        known = people.settings[people.devices == full].agg(", ".join, axis=1).unique()
        raise KnobError("setting", ", ".join(f"{k}={v}" for k, v in wanted.items()), f"no such run of {full}; there are ({'), ('.join(known[:6])})")
    usual = {k: v for k, v in RUN_SETTINGS[name].items() if k not in wanted}
    same_as_usual = (people.settings[list(usual)] == pd.Series(usual)).sum(axis=1).to_numpy()
    published = (~np.isnan(people.times)).sum(axis=1)
    return people, max(runs, key=lambda i: (same_as_usual[i], published[i]))
