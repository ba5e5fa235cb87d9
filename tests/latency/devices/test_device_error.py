"""The error on one device, against the errors of the whole table's left-out networks."""

from __future__ import annotations

import numpy as np
import pytest

from blocks.latency.devices.device_error import left_out_on
from blocks.latency.devices.left_out import left_out_networks, off
from blocks.latency.devices.prediction import known_device
from blocks.latency.devices.tables import population


@pytest.mark.parametrize(("name", "table"), [("BCM2712, Cortex-A76", "ncnn"), ("Samsung Galaxy S25", "qualcomm")])
def test_it_is_what_the_fit_prints_of_the_device(name: str, table: str) -> None:
    device = known_device(name)
    found, whole = left_out_on(device), left_out_networks(population(table))
    whole = whole[(whole["device"] == device.device)]
    whole = whole.assign(off=off(whole, "estimated"))
    for row in found.itertuples():
        of = whole[(whole["network"] == device.fleet.columns[row.column].preset) & np.isclose(np.exp(whole["measured"]), row.published)]
        assert np.isclose(of["off"], row.off).any()
    assert list(found["column"]) == list(device.networks)


def test_a_network_alone_tells_nothing() -> None:
    device = known_device("BCM2712, Cortex-A76", precision="int8")
    assert len(left_out_on(device)) == len(device.networks) == 6
    device.found.mean[list(device.networks[1:])] = np.nan
    assert left_out_on(device).empty
