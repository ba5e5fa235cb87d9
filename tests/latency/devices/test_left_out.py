"""What was left out of the fit, and what is kept of it beside the data."""

from __future__ import annotations

import numpy as np
import pytest

from blocks import reference
from blocks.latency.devices.left_out import PROBES, left_out_networks, noise_bound, off, repeated_runs
from blocks.latency.devices.tables import DEVICE_TABLES, population


def test_the_stored_model_covers_and_beats_a_plain_regression() -> None:
    model = reference.device_model()
    devices = model[(model["left_out"] == "device") & (model["probes"] == 3)].set_index("table")
    assert set(devices.index) == set(DEVICE_TABLES)
    assert (devices["coverage"] >= 0.88).all()
    assert (devices["estimated_median"] < devices["plain_median"]).all()
    assert (devices["estimated_within_10"] > devices["plain_within_10"]).all()
    assert (devices["estimated_median"] < devices["roofline_median"]).all()
    assert devices.loc["qualcomm", "estimated_median"] <= 0.05
    assert devices.loc["qualcomm", "estimated_within_10"] >= 0.8


def test_the_stored_errors_of_networks_are_those_of_the_code() -> None:
    model = reference.device_model()
    stored = model[(model["table"] == "ncnn") & (model["left_out"] == "network")].iloc[0]
    found = left_out_networks(population("ncnn"))
    assert float(np.median(off(found, "estimated"))) == pytest.approx(stored["estimated_median"], rel=0.05), "run: python -m scripts.fit_latency"
    assert np.median(off(found, "estimated")) < np.median(off(found, "roofline"))


def test_a_family_left_out_is_left_out_whole() -> None:
    found = left_out_networks(population("ncnn"), families=True)
    assert set(found["network"]) == {c.preset for c in population("ncnn").columns}


def test_repeated_runs_bound_what_can_be_reached() -> None:
    found = repeated_runs(population("ncnn"))
    assert len(found) >= 10
    assert 0.02 < found["shape"].median() < 0.1
    assert noise_bound(population("qualcomm").where(np.arange(len(population("qualcomm").times)) < 5)).empty


@pytest.mark.parametrize("table", DEVICE_TABLES)
def test_probes_are_networks_of_the_table(table: str) -> None:
    for name in PROBES[table]:
        population(table).index(name)
