"""The data sheet's fields: they hold what the state holds, and a state says what they hold."""

from __future__ import annotations

import streamlit as st
from streamlit.testing.v1 import AppTest

from blocks.latency.roofline.data_sheet import SHEET_LIMITS, sheet_machine
from viz.devices.address import read_devices
from viz.devices.sheet import sheet_controls, sheet_view


def fields() -> None:
    state, _ = read_devices({"net": "bottleneck", "sheet": "float16=0.5,float32=0.25,bandwidth=25.6"})
    st.session_state["now"] = sheet_controls(state, "p.")
    sheet_view(state)


def test_a_field_for_each_figure_within_its_limits() -> None:
    app = AppTest.from_function(_page, default_timeout=60).run()
    assert not app.exception
    assert [(w.min, w.max, w.value) for w in app.number_input] == [
        (*limits, value) for limits, value in zip(SHEET_LIMITS.values(), (0.5, 0.25, 25.6), strict=True)
    ]
    assert app.session_state["now"].sheet == "float16=0.5,float32=0.25,bandwidth=25.6"
    assert sheet_machine(app.session_state["now"].sheet).bandwidth == 25.6e9
    app.number_input[2].set_value(1234567.891e-3).run()
    assert app.session_state["now"].sheet == "float16=0.5,float32=0.25,bandwidth=1234.567891"


def test_a_block_is_said_to_be_none_of_the_models() -> None:
    app = AppTest.from_function(_page, default_timeout=60).run()
    assert any("must be a network of the catalog" in error.value for error in app.error)
    assert not app.metric


def _page() -> None:
    from tests.viz.devices.test_sheet import fields

    fields()
