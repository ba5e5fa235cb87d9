"""Predictions for known and for probed devices: marked, with their interval, and refused in a sentence where they cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from blocks.knobs import KnobError
from blocks.latency.devices.estimator import DeviceTimes, checked_precision, model_error, typed_network
from blocks.latency.devices.left_out import PROBES
from blocks.latency.devices.prediction import find_run, known_device, known_devices, predict_known, predict_probed, probed_device
from blocks.latency.devices.tables import population

#: A Raspberry Pi 5's processor with four threads, from its published run.
PI = "Raspberry Pi 5 Broadcom BCM2712, Cortex-A76"


def published(*names: str) -> dict[str, object]:
    fleet, run = find_run(PI, {})
    return {name: float(np.exp(fleet.times[run, fleet.index(name)])) for name in names}


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
    fleet = population("ncnn")
    return {name: float(np.exp(fleet.times[run, fleet.index(name)])) for name in names}


def test_probes_of_a_run_give_its_other_times() -> None:
    fleet, inside = population("ncnn"), []
    whole = np.flatnonzero(~np.isnan(fleet.times).any(axis=1))[::12]
    for run in whole:
        device = probed_device(probes_of(run, *PROBES["ncnn"][:3]), dict(fleet.settings.iloc[run]))
        for name in ("mobilenet_v1", "mnasnet1_0", "resnet18"):
            found = device.estimate(name)
            inside.append(found.low < probes_of(run, name)[name] < found.high)  # type: ignore[operator]
    assert len(whole) >= 6
    assert np.mean(inside) >= 0.8


def test_what_was_probed_is_as_measured() -> None:
    assert predict_probed(published("mobilenet_v2", "resnet50"), "resnet50").ms == pytest.approx(float(str(published("resnet50")["resnet50"])))


def test_three_probes_are_surer_than_one_and_the_next_is_another() -> None:
    fleet = population("ncnn")
    narrower = []
    for run in np.flatnonzero(~np.isnan(fleet.times).any(axis=1))[::12]:
        widths = []
        for count in (1, 3):
            names = PROBES["ncnn"][:count]
            device = probed_device(probes_of(run, *names), dict(fleet.settings.iloc[run]))
            found = [device.estimate(other) for other in ("mnasnet1_0", "vgg16", "googlenet")]
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
    fleet, run = find_run("Galaxy S25", {"runtime": "onnx"})
    assert fleet is population("qualcomm")
    assert fleet.settings.iloc[run]["runtime"] == "onnx"


def test_names_as_typed() -> None:
    assert typed_network("resnet50", {"se_ratio": 16}) == "resnet50,se_ratio=16"


# --- A device that is prepared once ------------------------------------------------------------------


def test_a_prepared_device_estimates_as_the_single_call_does() -> None:
    known, probes = known_device(PI), published("mobilenet_v2", "resnet50")
    probed = probed_device(probes)
    for name in ("resnet50", "resnet101"):
        assert known.estimate(name) == predict_known(PI, name)
        assert probed.estimate(name) == predict_probed(probes, name)
    assert isinstance(known, DeviceTimes)
    assert known.next_probe is None
    assert probed.next_probe == probed.estimate("vgg11").next_probe


def test_each_figure_says_what_it_is() -> None:
    known, probed = known_device(PI), probed_device(published("mobilenet_v2", "resnet50"))
    assert [known.estimate(n).basis for n in ("resnet50", "resnet101")] == ["published", "estimated"]
    assert [probed.estimate(n).basis for n in ("resnet50", "resnet18", "resnet101")] == ["given", "estimated", "estimated"]


def test_a_side_is_the_tables_own_or_another_network() -> None:
    known = known_device(PI)
    assert known.estimate("vit_b_32", side=384).basis == "published"  # the table's is of 384 pixels, the preset of 224
    assert known.estimate("vit_b_32").basis == "estimated"
    assert known.estimate("resnet50", side=224) == known.estimate("resnet50")
    assert known.estimate("resnet50", side=320).basis == "estimated"
    assert known.estimate("resnet50", side=320).ms > known.estimate("resnet50").ms


def test_8_bits_where_nothing_of_them_is_published_is_refused() -> None:
    with pytest.raises(KnobError, match="no 8-bit kernels"):
        known_device("Radeon RX 6900", precision="int8")
    with pytest.raises(KnobError, match="no 8-bit kernels"):
        probed_device({"mobilenet_v2": 12}, {"gpu": "yes"}, precision="int8")
    fleet = population("ncnn")
    bits = [i for i, c in enumerate(fleet.columns) if c.precision == "int8"]
    bare = np.flatnonzero(np.isnan(fleet.times[:, bits]).all(axis=1) & (fleet.settings["gpu"] == "no"))
    if len(bare):
        with pytest.raises(KnobError, match="nothing of this precision"):
            known_device(str(fleet.devices[bare[0]]), dict(fleet.settings.iloc[bare[0]]), precision="int8")


def test_precisions_of_a_table() -> None:
    assert checked_precision("ncnn", "int8", {"gpu": "no"}) == "int8"
    assert checked_precision("qualcomm", "float", {}) == ""


def test_more_probes_are_off_by_less() -> None:
    assert model_error("ncnn", "device", 5) < model_error("ncnn", "device", 1) < model_error("ncnn", "network", 0)
