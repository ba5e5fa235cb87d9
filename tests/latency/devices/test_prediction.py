"""Predictions for known and for probed devices: marked, with their interval, and refused in a sentence where they cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from blocks.knobs import KnobError
from blocks.latency.devices.left_out import PROBES
from blocks.latency.devices.prediction import find_run, known_devices, predict_known, predict_probed, typed_network
from blocks.latency.devices.tables import population

#: A Raspberry Pi 5's processor with four threads, from its published run.
PI = "Raspberry Pi 5 Broadcom BCM2712, Cortex-A76"


def published(*names: str) -> dict[str, object]:
    people, run = find_run(PI, {})
    return {name: float(np.exp(people.times[run, people.index(name)])) for name in names}


def test_a_network_of_the_table_is_near_what_is_published() -> None:
    found = predict_known(PI, "resnet50")
    assert found.published is not None
    assert found.ms == pytest.approx(found.published, rel=0.02)
    assert found.low < found.ms < found.high
    assert found.next_probe is None
    assert found.settings == {"threads": "4", "gpu": "no"}


def test_a_turned_knob_is_estimated_and_not_published() -> None:
    half, whole = (predict_known(PI, "mobilenet_v2", {"width_mult": w}) for w in (0.5, 1.0))
    assert half.published is None
    assert whole.published is not None
    assert half.high < whole.ms
    assert half.network == "mobilenet_v2,width_mult=0.5"


def probes_of(run: int, *names: str) -> dict[str, object]:
    people = population("ncnn")
    return {name: float(np.exp(people.times[run, people.index(name)])) for name in names}


def test_probes_of_a_run_give_its_other_times() -> None:
    people, inside = population("ncnn"), []
    whole = np.flatnonzero(~np.isnan(people.times).any(axis=1))[::12]
    for run in whole:
        probes = probes_of(run, *PROBES["ncnn"][:3])
        for name in ("mobilenet_v1", "mnasnet1_0", "resnet18"):
            found = predict_probed(probes, name, settings=dict(people.settings.iloc[run]))
            inside.append(found.low < probes_of(run, name)[name] < found.high)  # type: ignore[operator]
    assert len(whole) >= 6
    assert np.mean(inside) >= 0.8


def test_what_was_probed_is_as_measured() -> None:
    assert predict_probed(published("mobilenet_v2", "resnet50"), "resnet50").ms == pytest.approx(float(str(published("resnet50")["resnet50"])))


def test_three_probes_are_surer_than_one_and_the_next_is_another() -> None:
    people = population("ncnn")
    narrower = []
    for run in np.flatnonzero(~np.isnan(people.times).any(axis=1))[::12]:
        widths = []
        for count in (1, 3):
            names = PROBES["ncnn"][:count]
            found = [predict_probed(probes_of(run, *names), other, settings=dict(people.settings.iloc[run])) for other in ("mnasnet1_0", "vgg16", "googlenet")]
            widths.append(np.mean([np.log(f.high / f.low) for f in found]))
            assert found[0].next_probe not in (None, *names)
        narrower.append(widths[1] < widths[0])
    assert np.mean(narrower) >= 0.8


def test_a_network_of_no_table_is_less_sure() -> None:
    probes = published("mobilenet_v2", "resnet50", "shufflenet_v2_x1_0")
    inside, outside = (predict_probed(probes, name) for name in ("resnet18", "resnet101"))
    assert np.log(outside.high / outside.low) > np.log(inside.high / inside.low)
    assert outside.ms > float(str(probes["resnet50"]))


def test_8_bit_versions_where_the_table_has_them() -> None:
    assert predict_known(PI, "resnet50", precision="int8").published != predict_known(PI, "resnet50").published
    with pytest.raises(KnobError, match="setting of a run"):
        predict_known("Galaxy S25", "resnet50", precision="int8")
    with pytest.raises(KnobError, match="knows float and int8"):
        predict_known(PI, "resnet50", precision="w4")


def test_devices_are_found_by_words() -> None:
    assert set(known_devices("raspberry pi")["table"]) == {"ncnn"}
    assert len(known_devices("no such thing")) == 0
    with pytest.raises(KnobError, match="is in no table"):
        predict_known("no such thing", "resnet50")
    with pytest.raises(KnobError, match=r"fits \d+ devices: "):
        predict_known("cortex", "resnet50")
    with pytest.raises(KnobError, match="no such run of Raspberry"):
        predict_known(PI, "resnet50", settings={"threads": "3"})
    people, run = find_run("Galaxy S25", {"runtime": "onnx"})
    assert people is population("qualcomm")
    assert people.settings.iloc[run]["runtime"] == "onnx"


def test_names_as_typed() -> None:
    assert typed_network("resnet50", {"se_ratio": 16}) == "resnet50,se_ratio=16"
