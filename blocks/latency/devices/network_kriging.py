"""From the times of a table's networks on one device to any network's: a device's few factors on top of a time read from the trace.

A network's base time is a sum over kinds of operation, positive in each, so more work never takes less of it; its factors are those of the middle of all devices. What a
device does otherwise is its level and a factor for each kind, small unless its times say so, and what networks of one kind have in common beyond that.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from blocks.latency.devices.features import KINDS, network_work
from blocks.latency.devices.tables import Population, TableNetwork, population
from blocks.latency.devices.transfer import Transferred
from blocks.latency.roofline.efficiency_fit import bounded_least_squares

#: Spread of a device's level, of its factors by kind, of what networks of one kind share, and of what a network has of its own; in logarithms.
LEVEL, FACTOR, KIN, OWN = 3.0, 0.6, 0.4, 0.06
REACH = 0.5  # how far apart, in shares of time and in size, networks still are of one kind
SIZE = 0.3  # weight of the logarithm of a network's time in that distance
PULL = 0.4  # of what is taken of a kind where nothing is known, beside one network's logarithm
FURTHEST = float(np.log(4))  # what a device may do otherwise than its level says, either way


@dataclass(frozen=True)
class Networks:
    """The networks of a table as the model sees them: ``base`` logarithms of the base time, ``shares`` of it by kind, ``typical`` what they take beyond it on most devices."""

    rates: np.ndarray
    base: np.ndarray
    shares: np.ndarray
    typical: np.ndarray


def networks_of(works: np.ndarray, times: np.ndarray) -> Networks:
    """The base model fitted to the middle of all runs; ``works`` has a row per network, ``times`` the runs' logarithms."""
    times = times[~np.isnan(times).all(axis=1)]
    typical = np.nanmedian(times - np.nanmean(times, axis=1, keepdims=True), axis=0)
    rates = _rates(works, typical)
    base, shares = _base(works, rates)
    beyond = typical - base
    return Networks(rates, base, shares, beyond - float(np.median(beyond)))


def _rates(works: np.ndarray, typical: np.ndarray) -> np.ndarray:
    """Time per unit of each kind of work, near what is taken where nothing is known, that makes the networks' times go as ``typical``; least squares of the logarithm."""
    start = np.array(list(KINDS.values()))
    x, units = np.ones(len(start)), works * start
    size = float(np.median(np.log(units @ x)))
    for _ in range(20):
        target = np.exp(typical - float(np.median(typical - np.log(units @ x))))
        ratio = np.maximum(units @ x / target, 1e-9)
        off = np.abs(ratio - 1) > 1e-6
        weights = np.where(off, np.abs(np.log(ratio)) / np.where(off, np.abs(ratio - 1), 1), 1)
        rows = np.vstack([units / target[:, None] * weights[:, None], PULL * np.eye(len(x))])
        x = bounded_least_squares(rows, np.concatenate([weights, np.full(len(x), PULL)]), np.full(len(x), 0.05), np.full(len(x), 20.0), x)
        x *= np.exp(size - float(np.median(np.log(units @ x))))
    return np.asarray(start * x)


def _base(works: np.ndarray, rates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    parts = works * rates
    whole = parts.sum(axis=1)
    return np.log(whole), parts / whole[:, None]


def _kin(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    squared = ((a[:, None] - b[None]) ** 2).sum(-1)
    return np.exp(-squared / (2 * REACH**2))


def _place(base: np.ndarray, shares: np.ndarray) -> np.ndarray:
    return np.c_[shares, SIZE * base]


@dataclass(frozen=True)
class Kriged:
    """Logarithm of a network's milliseconds; its spread for want of knowledge of the network, and of the device."""

    mean: float
    network_sd: float
    device_sd: float


def krige(known: Networks, work: np.ndarray, found: Transferred) -> Kriged:
    """A network's time on one device, from what is known of the table's networks there."""
    mean, network_sd, device_sd = krige_all(known, work[None], found)
    return Kriged(float(mean[0]), float(network_sd[0]), float(device_sd[0]))


def krige_all(known: Networks, works: np.ndarray, found: Transferred) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """:func:`krige` for many networks, a row of ``works`` each: means, spreads for want of knowledge of the network, and of the device."""
    seen = ~np.isnan(found.mean)
    base, shares = _base(works, known.rates)
    here, there = _place(known.base, known.shares)[seen], _place(base, shares)
    kin, toward = _kin(here, here), _kin(there, here)
    common = np.linalg.solve(kin + (OWN / KIN) ** 2 * np.eye(len(here)), toward.T).T
    usual = common @ known.typical[seen]
    whole = LEVEL**2 + FACTOR**2 * known.shares[seen] @ known.shares[seen].T + KIN**2 * kin + OWN**2 * np.eye(len(here))
    cross = LEVEL**2 + FACTOR**2 * shares @ known.shares[seen].T + KIN**2 * toward
    covariance = found.covariance[np.ix_(seen, seen)]
    weights = np.linalg.solve(whole + np.diag(np.diag(covariance)), cross.T).T
    off = found.mean[seen] - known.base[seen] - known.typical[seen]
    level = float(np.median(off))
    beyond = np.clip(weights @ (off - level), -FURTHEST, FURTHEST)
    alone = LEVEL**2 + FACTOR**2 * (shares**2).sum(axis=1) + KIN**2 + OWN**2
    explained = (cross * np.linalg.solve(whole, cross.T).T).sum(axis=1)
    unsure = np.maximum(alone - explained, OWN**2) + KIN**2 * np.maximum(1 - (toward * common).sum(axis=1), 0.0)
    return base + usual + level + beyond, np.sqrt(unsure), np.sqrt(((weights @ covariance) * weights).sum(axis=1))


def works_of(columns: Sequence[TableNetwork]) -> np.ndarray:
    """What each network of a table asks for. Traces them the first time, which takes a second or two."""
    return np.array([network_work(c.preset, c.side) for c in columns])


@functools.cache
def table_networks(table: str, precision: str) -> tuple[Networks, tuple[int, ...]]:
    """The networks of a table in one precision, and their columns."""
    fleet: Population = population(table)
    places = tuple(i for i, c in enumerate(fleet.columns) if c.precision == precision)
    return networks_of(works_of([fleet.columns[i] for i in places]), fleet.times[:, places]), places
