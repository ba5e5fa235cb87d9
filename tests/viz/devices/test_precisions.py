"""Precisions side by side: the published times of one device, and no mixture of kinds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from blocks import reference
from blocks.latency.devices.asked import AskedDevice, device_slugs, published_device, runs_of, table_of
from viz.devices.precisions import other_precisions, precision_table
from viz.kit.choice import Choice

PI = published_device("Raspberry Pi 5 Broadcom BCM2712, Cortex-A76 (ARMv8) (2.4GHz x 4)")


def test_published_times_stand_side_by_side_with_their_ratio() -> None:
    table = precision_table(PI, Choice("resnet50"))
    assert list(table["Precision"]) == ["float", "8 bits"]
    rows = reference.device_latency("ncnn")
    [row] = [r for _, r in rows[(rows["device"] == PI.device) & (rows["threads"] == 4) & (rows["gpu"] == "no")].iterrows()][:1]
    assert list(table["known (ms)"]) == pytest.approx([row["resnet50"], row["resnet50_int8"]])
    assert table["estimated (ms)"].isna().all()
    assert table["× as fast"].tolist() == pytest.approx([1.0, row["resnet50"] / row["resnet50_int8"]])
    assert table["top-1 (%)"].notna().tolist() == [True, False]


def test_published_accuracies_of_8_bits_are_of_one_source_with_floats() -> None:
    name = next(n for n in device_slugs().values() if table_of(n) == "qualcomm" and "w8a8" in other_precisions(published_device(n)))
    table = precision_table(published_device(name), Choice("mobilenet_v2")).set_index("Precision")
    assert table.loc[["float", "w8a8"], "top-1 (%)"].tolist() == [72.4, 70.6]
    assert precision_table(PI, Choice("resnet18"))["top-1 (%)"].isna().tolist() == [False, True]


def test_a_turned_knob_has_estimates_and_no_accuracy() -> None:
    table = precision_table(PI, Choice("resnet50", {"se_ratio": 16}))
    assert table["known (ms)"].isna().all()
    assert (table["90 % from (ms)"] < table["estimated (ms)"]).all()
    assert table["top-1 (%)"].isna().all()


def test_a_known_time_is_not_divided_by_an_estimate() -> None:
    table = precision_table(PI, Choice("mobilenet_v2"))  # published in float, in 8 bits not
    assert table["known (ms)"].notna().tolist() == [True, False]
    assert np.isnan(table["× as fast"].iloc[1])


def test_qualcomm_names_its_own_precisions_and_probes_of_its_table_none() -> None:
    name = next(n for n in device_slugs().values() if table_of(n) == "qualcomm" and len({dict(r)["precision"] for r in runs_of(n)}) > 1)
    found = other_precisions(published_device(name))
    assert len(found) > 1
    assert {dict(a.settings)["precision"] for a in found.values()} == set(found)
    assert len({tuple(p for p in a.settings if p[0] != "precision") for a in found.values()}) == 1
    assert other_precisions(AskedDevice("qualcomm", "", published_device(name).settings, "float", (("resnet50", 1.0),))) == {}
    assert list(other_precisions(replace(PI, settings=(("threads", "4"), ("gpu", "yes"))))) in ([], ["float"])
