"""The Devices page: what it opens with, what a link restores, what a device of one's own needs, and what is answered to times that cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from blocks.latency.devices.prediction import predict_known, predict_probed
from blocks.latency.roofline.data_sheet import sheet_estimate, sheet_machine
from viz.kit.chosen_device import estimate_words
from viz.kit.numbers import significant

PAGE = Path(__file__).resolve().parents[2] / "pages" / "devices.py"
PROBES = {"mobilenet_v2": 12.3, "resnet50": 80.0}


def opened(**params: str) -> AppTest:
    at = AppTest.from_file(str(PAGE), default_timeout=240)
    for name, value in params.items():
        at.query_params[name] = value
    return settled(at.run())


def settled(at: AppTest) -> AppTest:
    """After the estimates of all presets are there."""
    for _ in range(60):
        task = at.session_state["tasks"].get("devices.estimates") if "tasks" in at.session_state else None
        if task is None or task.over:
            break
        task.wait(10)
    return at.run()


def figures(at: AppTest) -> dict[str, str]:
    return {m.label: m.value for m in at.metric}


def sentences(at: AppTest) -> list[str]:
    return [e.value for e in at.error]


def test_it_opens_with_a_published_device() -> None:
    at = opened()
    assert not at.exception
    assert sentences(at) == []
    assert (figures(at)["Published"], figures(at)["Another run of it"]) == ("46.21 ms", "≈ 46.2 ms")
    assert any("github.com/Tencent/ncnn" in c.value and "2026-07-22" in c.value for c in at.caption)
    presets = next(d.value for d in at.dataframe if "estimated (ms)" in d.value)
    assert len(presets) > 130
    assert not (presets["published (ms)"].notna() & presets["estimated (ms)"].notna()).any()


def test_a_turned_knob_is_estimated_as_the_library_does() -> None:
    at = opened(net="mobilenet_v2", width_mult="0.5", on="galaxy s25", run="runtime=onnx,precision=float,unit=NPU")
    wanted = predict_known("Samsung Galaxy S25", "mobilenet_v2", {"width_mult": 0.5}, settings={"runtime": "onnx"})
    assert sentences(at) == []
    assert (figures(at)["Estimated"], figures(at)["Published"]) == (estimate_words(wanted)[0], "–")
    assert any("mobilenet_v2, width multiplier 0.5" in m.value for m in at.markdown)


def test_another_device_and_view_go_into_the_address() -> None:
    at = opened()
    next(w for w in at.selectbox if w.label.startswith("Device (")).set_value("Samsung Galaxy S25").run()
    at = settled(at)
    assert not at.exception
    assert at.query_params["on"] in ("samsung-galaxy-s25", ["samsung-galaxy-s25"])
    at.get("button_group")[0].set_value(["flops"] if isinstance(at.get("button_group")[0].value, list) else "flops").run()
    assert not at.exception
    assert at.query_params["view"] in ("flops", ["flops"])
    assert any("rank correlation" in m.value for m in at.markdown)


def test_a_device_of_ones_own_names_the_next_probe_and_each_probe_narrows() -> None:
    at = opened(view="own", net="resnet18", times="mobilenet_v2 12.3")
    one = predict_probed({"mobilenet_v2": 12.3}, "resnet18")
    assert figures(at)["Estimated"] == estimate_words(one)[0]
    assert any(f"`{one.next_probe}`" in m.value for m in at.markdown)
    at.text_area[0].set_value("mobilenet_v2 12.3\nresnet50 = 0.08 s").run()
    at = settled(at)
    two = predict_probed(PROBES, "resnet18")
    assert figures(at)["Estimated"] == estimate_words(two)[0]
    assert two.high / two.low < one.high / one.low
    assert at.query_params["times"] in ("mobilenet_v2 12.3;resnet50 = 0.08 s", ["mobilenet_v2 12.3;resnet50 = 0.08 s"])


def test_before_the_first_probe_it_is_named() -> None:
    at = opened(view="own")
    assert not at.exception
    assert any("Time mobilenet_v2 on your device" in i.value for i in at.info)
    assert figures(at) == {}


@pytest.mark.parametrize(("times", "sentence"), [
    ("resnet50 -80", "above 0"), ("resnet50 0.08", "may be seconds, not milliseconds"), ("resnet5O 80", "is no network of the ncnn table"), ("80", "a network and its milliseconds"),
    ("mobilenet_v2 12;resnet50 80;vgg16 30000", "the other probes suggest about"), ("resnet50 quick", "such as 12.3"),
])  # fmt: skip
def test_times_that_cannot_be_are_answered(times: str, sentence: str) -> None:
    at = opened(view="own", times=times)
    assert not at.exception
    assert any(sentence in said for said in sentences(at)), sentences(at)


def test_the_last_times_that_fit_stay_on_the_page() -> None:
    at = opened(view="own", net="resnet18", times="mobilenet_v2 12.3;resnet50 80")
    good = figures(at)
    at.text_area[0].set_value("resnet50 0.08").run()
    at = settled(at)
    assert any("may be seconds" in said for said in sentences(at))
    assert figures(at) == good
    assert any("the last times that fit: mobilenet_v2 12.3 ms, resnet50 80 ms" in c.value for c in at.caption)


def test_the_other_lines_count_where_one_is_wrong() -> None:
    at = opened(view="own", net="resnet18", times="mobilenet_v2 12.3;resnet50 80;vgg11 3")
    assert len(sentences(at)) == 1
    assert figures(at)["Estimated"] == estimate_words(predict_probed(PROBES, "resnet18"))[0]


def test_a_block_is_said_to_be_none_of_the_models() -> None:
    at = opened(net="bottleneck")
    assert not at.exception
    assert any("fitted to whole networks" in i.value for i in at.info)


def test_a_refused_setting_shows_the_network_as_published() -> None:
    at = opened(net="vit_b_16", heads="7", on="galaxy s25")
    assert not at.exception
    assert any("heads" in said for said in sentences(at))
    assert figures(at)["Published"].endswith(" ms")


def test_a_gpu_by_its_data_sheet() -> None:
    at = opened(view="sheet", net="resnet18", sheet="float16=71,float32=35.6,bandwidth=936")
    assert not at.exception
    found = sheet_estimate(sheet_machine("float16=71,float32=35.6,bandwidth=936"), "resnet18")
    assert figures(at)["Pictures per second"] == f"≈ {significant(found.images_per_second, 3)}"
    bandwidth = next(w for w in at.number_input if w.label.startswith("Memory bandwidth"))
    assert bandwidth.value == 936
    bandwidth.set_value(468.0).run()
    assert at.query_params["sheet"] in ("float16=71,float32=35.6,bandwidth=468", ["float16=71,float32=35.6,bandwidth=468"])
    slower = sheet_estimate(sheet_machine("float16=71,float32=35.6,bandwidth=468"), "resnet18")
    assert slower.images_per_second < found.images_per_second
    assert figures(at)["Pictures per second"] == f"≈ {significant(slower.images_per_second, 3)}"
    next(w for w in at.number_input if "float32" in w.label).set_value(80.0).run()
    assert any("no GPU has a lower one" in said for said in sentences(at))


def test_a_smaller_picture_is_more_pictures_a_second() -> None:
    whole, half = (sheet_estimate(sheet_machine("float16=71,float32=35.6,bandwidth=936"), "resnet18", None, (3, side, side)) for side in (224, 112))
    assert whole == sheet_estimate(sheet_machine("float16=71,float32=35.6,bandwidth=936"), "resnet18")
    assert 2 < half.images_per_second / whole.images_per_second < 5
