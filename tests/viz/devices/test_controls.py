"""The Devices page's controls: what they begin with and what they change."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from blocks.latency.devices.asked import runs_of, usual_run
from blocks.latency.devices.words import run_setting_words, run_words
from blocks.latency.store.queries import LedgerError
from viz.devices import controls
from viz.devices.address import DevicesState, read_devices


def page() -> None:
    import streamlit as st

    from viz.devices import controls

    state = st.session_state["given"]
    st.session_state["now"] = {"known": controls.known_controls, "own": controls.own_controls, "flops": controls.ranks_controls}[state.view](state, "p.")


def opened(state: DevicesState) -> AppTest:
    app = AppTest.from_function(page, default_timeout=240)
    app.session_state["given"] = state
    app.run()
    assert not app.exception
    return app


def test_untouched_controls_change_nothing() -> None:
    for params in (
        {},
        {"on": "galaxy s25", "find": "galaxy"},
        {"view": "own", "set": "threads=2,gpu=yes", "times": "resnet50 80"},
        {"view": "own", "table": "qualcomm"},
        {"int8": "1"},
    ):
        state, problems = read_devices(params)
        assert problems == []
        assert opened(state).session_state["now"] == state


def test_a_search_narrows_the_devices_and_the_shown_one_stays() -> None:
    state, _ = read_devices({})
    app = opened(state)
    app.text_input("p.find").set_value("galaxy  s25").run()
    assert app.selectbox("p.device").options == ["Raspberry Pi 5 Broadcom BCM2712, Cortex-A76", "Samsung Galaxy S25"]
    assert app.session_state["now"] == replace(state, find="galaxy s25")
    app.selectbox("p.device").set_value("Samsung Galaxy S25").run()
    assert app.session_state["now"].run == usual_run("Samsung Galaxy S25")
    app.text_input("p.find").set_value("toaster").run()
    assert any("Nothing mentions" in c.value for c in app.caption)
    assert len(app.selectbox("p.device").options) == 97


def test_8_bits_are_offered_where_there_are_some() -> None:
    phone, _ = read_devices({"on": "galaxy s25"})
    assert not [option for w in opened(phone).selectbox for option in w.options if "8 bits" in option]
    state, _ = read_devices({})
    app = opened(state)
    [runs] = [w for w in app.selectbox if w.label == "Run"]
    assert runs.options[:2] == ["4 threads · CPU", "4 threads · CPU · 8 bits"]
    runs.select_index(1).run()
    assert app.session_state["now"] == replace(state, precision="int8")


def test_the_ranks_are_of_the_table_that_the_address_names() -> None:
    state, _ = read_devices({"view": "flops", "table": "qualcomm"})
    assert opened(state).session_state["now"] == state


def test_another_table_has_its_own_settings() -> None:
    state, _ = read_devices({"view": "own"})
    app = opened(state)
    app.selectbox("p.table").set_value("qualcomm").run()
    assert [name for name, _ in app.session_state["now"].settings] == ["runtime", "precision", "unit"]
    app.text_area("p.times").set_value("resnet50 3;  vgg16 4 ").run()
    assert app.session_state["now"].times == "resnet50 3\nvgg16 4"


def test_settings_are_said_as_one_reads_them() -> None:
    assert run_words((("threads", "4"), ("gpu", "yes"))) == "4 threads · GPU"
    assert [run_setting_words("unit", "NPU"), run_setting_words("precision", "w8a8"), run_setting_words("gpu", "no")] == [
        "NPU",
        "w8a8",
        "CPU",
    ]
    assert len(runs_of("Samsung Galaxy S25")) > 1


def test_times_of_this_machine_come_from_the_ledger_into_the_field(monkeypatch: pytest.MonkeyPatch) -> None:
    state, _ = read_devices({"view": "own"})
    assert not opened(state).button
    monkeypatch.setattr(controls, "measured_here", lambda table: {"mobilenet_v2": 17.25, "resnet50": 80.0} if table == "ncnn" else {})
    app = opened(state)
    (button,) = app.button
    assert button.label == "Use the 2 times measured on this machine"
    button.click().run()
    assert app.text_area("p.times").value == "mobilenet_v2 17.25\nresnet50 80"
    assert app.session_state["now"].times == "mobilenet_v2 17.25\nresnet50 80"
    app.selectbox("p.table").set_value("qualcomm").run()
    assert not app.button


def test_a_ledger_that_does_not_answer_takes_nothing_from_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: str) -> dict[str, float]:
        raise LedgerError("The ledger is gone.")

    monkeypatch.setattr(controls, "measured_here", broken)
    app = opened(read_devices({"view": "own"})[0])
    assert app.text_area("p.times").value == ""
    assert not app.button
