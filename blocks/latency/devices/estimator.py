"""One device as the model sees it, and what it estimates there for any network of the catalog."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from blocks import catalog, reference
from blocks.knobs import KnobError
from blocks.latency.devices.features import network_work
from blocks.latency.devices.left_out import PROBES
from blocks.latency.devices.network_kriging import krige_all, table_networks
from blocks.latency.devices.tables import Population
from blocks.latency.devices.transfer import Z90, Transferred, next_probe

#: Spread of one run of a network about another with the same settings, beyond what both have in common: `python -m scripts.fit_latency` prints 5 % in the median between two.
RUN_SD = 0.05
_RARE = 0.35  # of a table's runs that lack a network, from which on it is no probe to ask for


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

    @property
    def basis(self) -> Literal["published", "given", "estimated"]:
        """What the figure is: the table's own, a probe that was handed in, or an estimate."""
        return "published" if self.published is not None else "given" if self.error is None else "estimated"


@dataclass(frozen=True)
class DeviceTimes:
    """What is known of one device: the times of the table's networks there, ``found``, and the ``probes`` that they were told from, by column; without, they are published."""

    fleet: Population
    device: str
    settings: dict[str, str]
    precision: str
    found: Transferred
    probes: Mapping[int, float] | None = None

    @property
    def networks(self) -> tuple[int, ...]:
        """Columns of the networks in this precision whose time is known or told from probes."""
        return tuple(i for i, c in enumerate(self.fleet.columns) if c.precision == self.precision and np.isfinite(self.found.mean[i]))

    @functools.cached_property
    def next_probe(self) -> str | None:
        """The network whose time would narrow the estimates of all others most; None on a published device. 8-bit versions and rare networks are none to ask for."""
        if self.probes is None:
            return None
        times, columns = self.fleet.times, self.fleet.columns
        rare = {i for i, c in enumerate(columns) if c.precision == "int8" or np.isnan(times[:, i]).mean() > _RARE}
        kept = [i for i in range(len(columns)) if i not in rare or i in self.probes]
        place = next_probe(Transferred(self.found.mean[kept], self.found.covariance[np.ix_(kept, kept)]), {kept.index(i) for i in self.probes})
        return None if place is None else columns[kept[place]].name

    def estimate(self, preset: str, knobs: Mapping[str, object] | None = None, side: int | None = None, work: np.ndarray | None = None) -> DeviceEstimate:
        """One picture through a network, at a picture's ``side`` (None: the preset's own). ``work`` is what :func:`blocks.latency.devices.features.fused_work` says of exactly this, where that is known. Raises :class:`KnobError`."""
        column = _column(self.fleet, preset, knobs, side, self.precision, work)
        if column is not None and not np.isfinite(self.found.mean[column]):
            column = None
        published = float(np.exp(self.found.mean[column])) if column is not None and self.probes is None else None
        if column is None:
            (mean, sd), error = self._kriged(network_work(preset, side, knobs) if work is None else work), model_error(self.fleet.table, "network", 0)
        elif self.probes is None or column in self.probes:
            mean, sd, error = float(self.found.mean[column]), RUN_SD, None
        else:
            mean, sd, error = float(self.found.mean[column]), self._scale * float(self.found.sd[column]), model_error(self.fleet.table, "device", self._count)
        low, ms, high = (float(np.exp(mean + z * sd)) for z in (-Z90, 0.0, Z90))
        name = typed_network(preset, knobs)
        return DeviceEstimate(self.fleet.table, self.device, self.settings, name, ms, low, high, published, error, self.next_probe)

    @property
    def _count(self) -> int:
        return min(len(self.probes or ()), len(PROBES[self.fleet.table]))

    @property
    def _scale(self) -> float:
        return 1.0 if self.probes is None else _model(self.fleet.table, "device", self._count)[0]

    def _kriged(self, work: np.ndarray) -> tuple[float, float]:
        mean, sd = self.estimates(work[None])
        return float(mean[0]), float(sd[0])

    def estimates(self, works: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Logarithms of milliseconds and their spreads for many networks by their work (:func:`blocks.latency.devices.features.fused_work`), a row each; what was published or timed of them is not put in their place."""
        networks, places = table_networks(self.fleet.table, self.precision)
        part = Transferred(self.found.mean[list(places)], self.found.covariance[np.ix_(places, places)])
        mean, network_sd, device_sd = krige_all(networks, works, part)
        return mean, np.hypot(_model(self.fleet.table, "network", 0)[0] * network_sd, self._scale * device_sd)


def is_timed(name: str) -> bool:
    """Whether the model of times is one for this: for whole networks of the catalog."""
    return not catalog.is_address(name) and catalog.entry(name).kind == "model"


def typed_network(preset: str, knobs: Mapping[str, object] | None) -> str:
    """A network as a user types it."""
    return ",".join([preset, *(f"{k}={v}" for k, v in (knobs or {}).items())])


def checked_precision(table: str, precision: str, settings: Mapping[str, str]) -> str:
    """The precision of a table's columns that is meant. Raises :class:`KnobError`."""
    if table == "ncnn":
        if precision not in ("float", "int8"):
            raise KnobError("precision", precision, "the ncnn table knows float and int8", ["float", "int8"])
        if precision == "int8" and settings["gpu"] == "yes":
            raise KnobError("precision", precision, "ncnn's Vulkan backend has no 8-bit kernels", ["float"])
        return precision
    if precision != "float":
        raise KnobError("precision", precision, "is a setting of a run in the qualcomm table: --setting precision=w8a8")
    return ""


def model_error(table: str, part: str, probes: int) -> float:
    """Median error of such estimates on what was left out of the fit: a ``part`` of the table ("device", "network", "family"), with so many ``probes``."""
    return _model(table, part, probes)[1]


@functools.cache
def _model(table: str, part: str, probes: int) -> tuple[float, float]:
    rows = reference.device_model()
    row = rows[(rows["table"] == table) & (rows["left_out"] == part) & (rows["probes"] == probes)].iloc[0]
    return float(row["scale"]), float(row["estimated_median"])


def _column(fleet: Population, preset: str, knobs: Mapping[str, object] | None, side: int | None, precision: str, work: np.ndarray | None) -> int | None:
    """The table's column of exactly this network; None where it has none."""
    columns = [i for i, c in enumerate(fleet.columns) if c.preset == preset and c.precision == precision]
    if not columns:
        return None
    if knobs:
        at_home = network_work(preset, None, knobs) if work is None or side is not None else work
        if not np.array_equal(at_home, network_work(preset, None)):
            return None
    own = catalog.input_shape(preset)[-1]
    asked, there = own if side is None else side, fleet.columns[columns[0]].side or own
    return columns[0] if asked == there or (asked, there) == (224, 227) else None  # 3 pixels more are the same network
