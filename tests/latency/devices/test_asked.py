"""A device as one word of an address: it reads back, and what is none gets a sentence."""

from __future__ import annotations

import pytest

from blocks.knobs import KnobError
from blocks.latency.devices.asked import AskedDevice, device_slugs, device_text, device_times, published_device, read_device, runs_of, table_of

PI = "Raspberry Pi 5 Broadcom BCM2712, Cortex-A76 (ARMv8) (2.4GHz x 4)"
OWN = AskedDevice("ncnn", "", (("threads", "4"), ("gpu", "no")), "float", (("mobilenet_v2", 12.3), ("resnet50", 80.125)))


def test_every_published_device_reads_back_in_each_run() -> None:
    for slug, name in device_slugs().items():
        assert read_device(slug) == published_device(name)
        for run in runs_of(name):
            asked = AskedDevice(table_of(name), name, run, "float")
            try:
                device_times(asked)
            except KnobError:
                continue
            assert read_device(device_text(asked)) == asked


def test_eight_bits_and_probes_read_back() -> None:
    eight = AskedDevice("ncnn", PI, (("threads", "4"), ("gpu", "no")), "int8")
    for asked in (eight, OWN):
        assert read_device(device_text(asked)) == asked
    assert OWN.title == "a device known by mobilenet_v2 12.3 ms, resnet50 80.12 ms"


@pytest.mark.parametrize(("text", "sentence"), [
    ("abacus", "no published device"),
    ("", "no published device"),
    ("raspberry-pi-5-broadcom-bcm2712-cortex-a76-armv8-2-4ghz-x-4~threads=3,gpu=no", "no published run"),
    ("raspberry-pi-5-broadcom-bcm2712-cortex-a76-armv8-2-4ghz-x-4~threads", "must be settings"),
    ("probes~ncnn~threads=4,gpu=no", "must be a published device"),
    ("probes~vax~threads=4,gpu=no~float~resnet50=80", "must be one of"),
    ("probes~ncnn~threads=4,gpu=no~bf16~resnet50=80", "float and int8"),
    ("probes~ncnn~threads=4,gpu=no~float~resnet50=-80", "above 0"),
    ("probes~ncnn~threads=4,gpu=no~float~resnet50=nan", "above 0"),
    ("probes~ncnn~threads=4,gpu=no~float~resnet50=inf", "above 0"),
    ("probes~ncnn~threads=4,gpu=no~float~resnet50=0.08", "seconds, not milliseconds"),
    ("probes~ncnn~threads=4,gpu=no~float~vax=80", "no network of the ncnn table"),
    ("x" * 3000, "too long"),
])  # fmt: skip
def test_what_is_no_device_is_said(text: str, sentence: str) -> None:
    with pytest.raises(KnobError, match=sentence):
        read_device(text)
