"""From a table's networks to any: devices that are made of the model are given back, and more work never takes less time."""

from __future__ import annotations

import numpy as np
import pytest

from blocks.latency.devices.features import KINDS, network_work
from blocks.latency.devices.network_kriging import Networks, krige, networks_of, table_networks
from blocks.latency.devices.transfer import Transferred


def made_up(networks: int = 12, runs: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Networks with random work, and devices that take exactly its sum at the usual shares, times their level."""
    draw = np.random.default_rng(3)
    works = draw.lognormal(0, 1, (networks, len(KINDS))) * draw.integers(0, 2, (networks, len(KINDS)))
    works[:, 0] += 0.5
    times = np.log(works @ np.array(list(KINDS.values())))[None] + draw.normal(3, 1, (runs, 1))
    return works, times


def test_devices_of_the_model_are_found() -> None:
    works, times = made_up()
    known = networks_of(works[1:], times[:, 1:])
    for run in range(5):
        found = krige(known, works[0], Transferred(times[run, 1:], 1e-6 * np.eye(11)))
        assert found.mean == pytest.approx(times[run, 0], abs=0.1)


def test_a_network_of_the_table_is_nearly_as_measured() -> None:
    works, times = made_up()
    known = networks_of(works, times)
    slower = times[0] + np.linspace(-0.2, 0.2, len(works))
    found = krige(known, works[4], Transferred(slower, 1e-6 * np.eye(len(works))))
    assert found.mean == pytest.approx(slower[4], abs=0.06)
    assert found.network_sd < krige(known, works[4] * 3, Transferred(slower, 1e-6 * np.eye(len(works)))).network_sd


def test_an_unsure_device_makes_an_unsure_network() -> None:
    works, times = made_up()
    known = networks_of(works, times)
    sure, unsure = (krige(known, works[4], Transferred(times[0], sd**2 * np.eye(len(works)))) for sd in (0.01, 0.3))
    assert unsure.device_sd > sure.device_sd


def test_networks_that_were_not_timed_are_left_out() -> None:
    works, times = made_up()
    times[0, 5] = np.nan
    found = krige(networks_of(works, times), works[5], Transferred(times[0], 1e-4 * np.eye(len(works))))
    assert np.isfinite(found.mean)


@pytest.mark.parametrize(("table", "precision"), [("ncnn", "float"), ("ncnn", "int8"), ("qualcomm", "")])
def test_more_work_of_any_kind_takes_no_less_at_the_base(table: str, precision: str) -> None:
    known, places = table_networks(table, precision)
    assert isinstance(known, Networks)
    assert len(places) == len(known.base)
    assert (known.rates > 0).all()
    work = network_work("resnet50")
    assert np.log((work * 1.1) @ known.rates) > np.log(work @ known.rates)
