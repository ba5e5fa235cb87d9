"""The Devices page's state reads back from its address, and what an address has wrong is said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.latency.devices.asked import device_slugs, runs_of, settings_text, table_of, usual_run, usual_settings
from blocks.latency.devices.tables import DEVICE_TABLES, population
from tests.viz.kit.test_choice import choices
from viz.devices.address import (
    DEVICE_VIEWS,
    DEVICES,
    DevicesState,
    has_8_bits,
    read_devices,
    tidy_times,
    write_devices,
)  # fmt: skip
from viz.kit.choice import Choice


@st.composite
def states(draw: st.DrawFn) -> DevicesState:
    device = draw(st.sampled_from(list(device_slugs().values())))
    table = draw(st.sampled_from(DEVICE_TABLES))
    own = {"ncnn": [("threads", str(draw(st.integers(1, 1024)))), ("gpu", draw(st.sampled_from(["no", "yes"])))],
           "qualcomm": [("runtime", draw(st.sampled_from(["onnx", "tflite"]))), ("precision", draw(st.sampled_from(["float", "w8a8"]))), ("unit", "NPU")]}  # fmt: skip
    state = DevicesState(
        draw(choices()), draw(st.sampled_from(list(DEVICE_VIEWS))), " ".join(draw(st.text("ab 1é", max_size=12)).split()), device, draw(st.sampled_from(runs_of(device))),
        table=table, settings=tuple(own[table]), times=tidy_times(draw(st.text("resnet50 =.,:\n;-é", max_size=60))),
        sheet=draw(st.sampled_from(["float16=165,float32=82.6,bandwidth=1008", "float16=0.5,float32=0.25,bandwidth=25.6"])),
    )  # fmt: skip
    return replace(state, precision="int8") if has_8_bits(state) and draw(st.booleans()) else state


@settings(max_examples=100, deadline=None)
@given(states())
def test_a_state_reads_back(state: DevicesState) -> None:
    assert read_devices(write_devices(state)) == (state, [])


def test_the_page_opens_without_parameters_on_a_run_that_is_published() -> None:
    state, problems = read_devices({})
    assert (problems, write_devices(state)) == ([], {})
    assert state.run in runs_of(state.device)
    assert state.settings == usual_settings(state.table)


def test_every_device_has_a_name_in_addresses_and_its_usual_run_comes_first() -> None:
    assert len(device_slugs()) == sum(len(set(population(table).devices)) for table in DEVICE_TABLES)
    for device in device_slugs().values():
        assert usual_run(device) == runs_of(device)[0]
        assert len(set(runs_of(device))) == len(runs_of(device))
        assert device in population(table_of(device)).devices


def test_words_that_fit_one_device_name_it() -> None:
    state, problems = read_devices({"on": "galaxy s25", "run": "runtime=onnx,precision=float,unit=NPU"})
    assert (state.device, settings_text(state.run), problems) == ("Samsung Galaxy S25", "runtime=onnx,precision=float,unit=NPU", [])


@pytest.mark.parametrize(("params", "sentence"), [
    ({"on": "toaster"}, "is no published device"), ({"on": "raspberry"}, "is no published device"), ({"run": "threads=3,gpu=no"}, "is no published run of Raspberry Pi 5"),
    ({"run": "fast"}, "must be settings such as"), ({"view": "mine"}, "must be one of known, own, sheet, flops"), ({"table": "x"}, "must be one of ncnn, qualcomm"),
    ({"sheet": "float16=1"}, "lacks float32, bandwidth"), ({"sheet": "float16=10,float32=82.6,bandwidth=1008"}, "no GPU has a lower one"),
    ({"sheet": "float16=nan,float32=1,bandwidth=1"}, "must lie between"), ({"set": "threads=0"}, "whole number from 1 to 1024"), ({"set": "colour=red"}, "knows threads, gpu"), ({"int8": "2"}, "must be one of 0, 1"),
    ({"int8": "1", "on": "galaxy s25"}, "no 8-bit times"), ({"int8": "1", "view": "own", "set": "gpu=yes"}, "no 8-bit times"), ({"net": "resnet5O"}, "not in the catalog"),
])  # fmt: skip
def test_what_an_address_has_wrong_is_said(params: dict[str, str], sentence: str) -> None:
    state, [problem] = read_devices(params)
    assert sentence in problem
    assert read_devices(write_devices(state)) == (state, [])


def test_the_network_of_other_pages_follows() -> None:
    state, _ = read_devices({"on": "galaxy s25"})
    followed = DEVICES.follow(state, Choice("vgg11", {"num_classes": 10}))
    assert (followed.choice, followed.device) == (Choice("vgg11", {"num_classes": 10}), state.device)


def test_times_are_lines_without_room_around() -> None:
    assert tidy_times(" resnet50 80 ;\r\n\n vgg16 3") == "resnet50 80\nvgg16 3"
