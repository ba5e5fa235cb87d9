"""Predictions for known and for probed devices: marked, with their interval, and refused in a sentence where they cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from blocks.knobs import KnobError
from blocks.latency.devices.prediction import find_run, known_devices, named, predict_known, predict_probed
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


def test_probes_of_a_known_device_give_its_other_times() -> None:
    probes = published("mobilenet_v2", "resnet50", "shufflenet_v2_x1_0")
    for name in ("mobilenet_v1", "mnasnet1_0", "resnet18"):
        [truth] = published(name).values()
        found = predict_probed(probes, name)
        assert found.low < float(str(truth)) < found.high
    assert predict_probed(probes, "resnet50").ms == pytest.approx(float(str(probes["resnet50"])))


def test_each_probe_narrows_the_interval_and_the_next_one_is_another() -> None:
    names = ("mobilenet_v2", "resnet50", "shufflenet_v2_x1_0")
    widths = []
    for count in (1, 2, 3):
        found = predict_probed(published(*names[:count]), "mnasnet1_0")
        widths.append(np.log(found.high / found.low))
        assert found.next_probe not in (None, *names[:count])
    assert widths[2] < widths[0]


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
    with pytest.raises(KnobError, match=r"fits \d+ devices: .*; \.\.\."):
        predict_known("cortex", "resnet50")
    with pytest.raises(KnobError, match="no such run of Raspberry"):
        predict_known(PI, "resnet50", settings={"threads": "3"})
    people, run = find_run("Galaxy S25", {"runtime": "onnx"})
    assert people is population("qualcomm")
    assert people.settings.iloc[run]["runtime"] == "onnx"


def test_names_as_typed() -> None:
    assert named("resnet50", {"se_ratio": 16}) == "resnet50,se_ratio=16"
