"""How far off the model is on one published device: each of its networks estimated from its others, with the network left out of the fit as well."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

from blocks.latency.devices.estimator import DeviceTimes
from blocks.latency.devices.network_kriging import Networks, krige, networks_of, works_of
from blocks.latency.devices.tables import population
from blocks.latency.devices.transfer import Transferred


def left_out_on(device: DeviceTimes) -> pd.DataFrame:
    """A row per published network in the device's precision: its ``column``, milliseconds ``published`` and ``estimated`` without it, and how far ``off`` that is (a share).

    Empty where fewer than two were published.
    """
    rows: list[dict[str, float]] = []
    for column in device.networks if len(device.networks) > 1 else ():
        networks, places, work = _without(device.fleet.table, device.precision, column)
        part = Transferred(device.found.mean[list(places)], device.found.covariance[np.ix_(places, places)])
        published, estimated = float(np.exp(device.found.mean[column])), float(np.exp(krige(networks, work, part).mean))
        rows.append({"column": column, "published": published, "estimated": estimated, "off": abs(estimated / published - 1)})
    return pd.DataFrame(rows, columns=["column", "published", "estimated", "off"]).astype({"column": int})


@functools.cache
def _without(table: str, precision: str, column: int) -> tuple[Networks, tuple[int, ...], np.ndarray]:
    """The table's networks in a precision but one, their columns, and the work of that one."""
    fleet = population(table)
    places = tuple(i for i, c in enumerate(fleet.columns) if c.precision == precision and i != column)
    work = works_of([fleet.columns[column]])[0]
    return networks_of(works_of([fleet.columns[i] for i in places]), fleet.times[:, places]), places, work
