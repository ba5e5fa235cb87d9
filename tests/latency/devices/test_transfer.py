"""From probes to every network: closed forms on made-up devices, and coverage on devices that were left out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from blocks.latency.devices.left_out import calibration, left_out_devices
from blocks.latency.devices.tables import Population, TableNetwork, population
from blocks.latency.devices.transfer import LINEAR, NEAR, Transferred, kernel, next_probe, regression, transfer

NAMES = ("a", "b", "c", "d")


def made_up(runs: int, noise: float, seed: int = 1) -> Population:
    """Devices with a level and one factor: a, b, c, d take level, level + f, level + f / 2 + 1 and level - f."""
    draw = np.random.default_rng(seed)
    level, factor = draw.normal(2, 1, runs), draw.normal(0, 0.4, runs)
    times = np.stack([level, level + factor, level + factor / 2 + 1, level - factor], axis=1) + draw.normal(0, noise, (runs, 4))
    columns = tuple(TableNetwork(name, name, None, "") for name in NAMES)
    return Population("made up", columns, np.array([f"device {i}" for i in range(runs)]), pd.DataFrame(index=range(runs)), times, np.zeros((runs, 1)))


def test_a_device_of_the_model_is_found() -> None:
    found = transfer(made_up(120, 0.01), {0: 2.5, 1: 2.8}, np.zeros(1))
    assert found.mean == pytest.approx([2.5, 2.8, 3.65, 2.2], abs=0.05)
    assert found.sd[0] < 0.01 < found.sd[3] < 0.1


def test_a_second_probe_narrows_what_is_open() -> None:
    fleet = made_up(120, 0.01)
    one, two = transfer(fleet, {0: 2.5}, np.zeros(1)), transfer(fleet, {0: 2.5, 1: 2.8}, np.zeros(1))
    assert two.sd[3] < one.sd[3] / 3


def test_one_absurd_run_does_not_move_the_others() -> None:
    fleet = made_up(120, 0.01)
    fleet.times[7, 3] += 6.0
    assert transfer(fleet, {0: 2.5, 1: 2.8}, np.zeros(1)).mean[3] == pytest.approx(2.2, abs=0.06)


def test_times_that_are_missing_are_left_out_of_their_network_only() -> None:
    fleet = made_up(120, 0.01)
    fleet.times[:60, 3] = np.nan
    assert transfer(fleet, {0: 2.5, 1: 2.8}, np.zeros(1)).mean[2:] == pytest.approx([3.65, 2.2], abs=0.06)


def test_the_next_probe_takes_most_of_the_variance_away() -> None:
    # c tells d and itself; a knows nothing of them and is wide only by itself.
    covariance = np.array([[0.5, 0, 0, 0], [0, 1e-6, 0, 0], [0, 0, 1, 0.9], [0, 0, 0.9, 1.0]])
    found = Transferred(np.zeros(4), covariance)
    assert next_probe(found, {1}) == 2
    assert next_probe(found, {1, 2, 3}) == 0
    assert next_probe(found, {0, 1, 2, 3}) is None


def test_the_factor_that_is_open_is_asked_for() -> None:
    assert next_probe(transfer(made_up(120, 0.01), {0: 2.5}, np.zeros(1)), {0}) in (1, 3)  # twice the factor of c


def test_the_kernel_is_its_closed_form() -> None:
    a, b = np.array([[1.0, 0.0]]), np.array([[0.0, 2.0]])
    assert kernel(a, b)[0, 0] == pytest.approx(NEAR**2 / (1 + 5 / 2))
    assert kernel(a, a)[0, 0] == pytest.approx(NEAR**2 + LINEAR**2)


def test_the_plain_regression_is_least_squares() -> None:
    assert regression(made_up(50, 0.0), {0: 2.5, 1: 2.8}) == pytest.approx([2.5, 2.8, 3.65, 2.2])


def test_calibrated_intervals_cover() -> None:
    draw = np.random.default_rng(2)
    errors = draw.normal(0, 2.5, 4000)
    frame = pd.DataFrame({"measured": errors, "estimated": 0.0, "sd": 1.0, "device": [f"{i % 40}" for i in range(4000)]})
    scale, covered = calibration(frame, "device")
    assert scale == pytest.approx(2.5, rel=0.06)
    assert covered == pytest.approx(0.9, abs=0.015)


def test_left_out_devices_of_a_real_table() -> None:
    fleet = population("qualcomm")
    some = left_out_devices(fleet, ("mobilenet_v2", "wide_resnet50_2", "densenet121"))
    assert set(some) >= {"measured", "estimated", "sd", "plain", "roofline", "device"}
    assert not set(some["network"]) & {"mobilenet_v2", "wide_resnet50_2", "densenet121"}
    error, plain = (float(np.median(np.abs(np.expm1(some[c] - some["measured"])))) for c in ("estimated", "plain"))
    assert error < 0.05
    assert error < plain
    assert calibration(some, "device")[1] >= 0.85
