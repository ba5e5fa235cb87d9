"""A piece of work as the counting process does it, without its process."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from blocks.knobs import KnobError
from blocks.latency.roofline.known_machines import machine
from blocks.space.count import NetworkVariant, Setup, count_variants
from blocks.space.device_time import DeviceTimer
from blocks.space.handler import CountingHandler, pack
from blocks.space.scaling import estimated
from blocks.workers.control import Cancelled, JobControl

SETUP = Setup("mobilenet_v2", batch=2)
VARIANTS = [NetworkVariant({"width_mult": 0.4 + i / 10}, 64) for i in range(5)] + [NetworkVariant({"expansion": 1e6})]
WORK: dict[str, Any] = {"setup": asdict(SETUP), "variants": [pack(v) for v in VARIANTS], "machine": "rtx4090", "device": ""}


@pytest.fixture
def handler() -> CountingHandler:
    return CountingHandler()


def test_the_figures_are_those_of_a_count_here(handler: CountingHandler) -> None:
    found, here = handler.run("count", WORK, JobControl(lambda _: None, lambda: False)), count_variants(SETUP, VARIANTS)
    assert np.array_equal(found["figures"], here.figures)
    assert list(found["errors"]) == ["5"]
    assert found["latency"][5] is None
    assert found["latency"][0] == estimated(SETUP, VARIANTS[0], machine("rtx4090"))


def test_it_stops_when_told_and_names_what_is_unknown(handler: CountingHandler) -> None:
    with pytest.raises(Cancelled):
        handler.run("count", WORK, JobControl(lambda _: None, lambda: True))
    with pytest.raises(KnobError) as refused:
        handler.run("count", WORK | {"machine": "abacus"}, JobControl(lambda _: None, lambda: False))
    assert handler.describe(refused.value) == str(refused.value)
    assert handler.describe(ZeroDivisionError("no")) == "ZeroDivisionError: no"


def test_times_on_a_device_are_those_of_the_model(handler: CountingHandler) -> None:
    device = "raspberry-pi-5-broadcom-bcm2712-cortex-a76-armv8-2-4ghz-x-4"
    found = handler.run("count", WORK | {"machine": "", "device": device}, JobControl(lambda _: None, lambda: False))
    rows = found["device"]
    assert isinstance(rows, list)
    assert rows[5] == [None, None, None]
    assert rows[0] == pytest.approx(list(DeviceTimer(device, SETUP).times(VARIANTS, count_variants(SETUP, VARIANTS), lambda: None)[0]))
    with pytest.raises(KnobError):
        handler.run("count", WORK | {"device": "abacus"}, JobControl(lambda _: None, lambda: False))
