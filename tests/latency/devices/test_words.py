"""Estimates as text: the word "estimated" first, what is published apart."""

from __future__ import annotations

import json

import pandas as pd

from blocks.latency.devices.prediction import DeviceEstimate
from blocks.latency.devices.words import devices_text, estimate_json, estimate_text

ONE = DeviceEstimate("ncnn", "", {"threads": "4"}, "resnet50,se_ratio=16", 12.345, 10.0, 15.0, None, 0.08, "vgg16")


def test_an_estimate_says_that_it_is_one() -> None:
    assert estimate_text(ONE) == (
        "resnet50,se_ratio=16: estimated 12.35 ms (90 %: 10 – 15)\n  on a device known by its probes, threads=4, by the ncnn table\n"
        "  median error of such estimates: 8 %\n  next probe: vgg16, it tells most of the others"
    )


def test_what_is_published_stands_apart() -> None:
    known = DeviceEstimate("ncnn", "Pi", {"threads": "4"}, "resnet50", 12.345, 10.0, 15.0, 12.3, None, None)
    assert estimate_text(known).endswith("\n  published: 12.3 ms")
    assert "on Pi, threads=4" in estimate_text(known)
    assert "median error" not in estimate_text(known)


def test_json_says_kind_unit_and_level() -> None:
    found = json.loads(estimate_json(ONE))
    assert (found["kind"], found["unit"], found["level"], found["ms"], found["published"]) == ("estimated", "ms", 0.9, 12.345, None)


def test_devices_as_a_table() -> None:
    assert devices_text(pd.DataFrame()) == "No device fits."
    assert "Pi" in devices_text(pd.DataFrame({"table": ["ncnn"], "device": ["Pi"]}))
