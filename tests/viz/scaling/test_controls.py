"""The Scaling page's controls: what they begin with and what they change."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from blocks.latency.devices.asked import device_slugs
from viz.kit.choice import Choice
from viz.scaling.address import ScalingState, first_axis
from viz.scaling.controls import device_of, machine_of


def page() -> None:
    import streamlit as st

    from viz.scaling.controls import knob_controls

    st.session_state["now"] = knob_controls(st.session_state["given"], "p.")


def opened(state: ScalingState) -> AppTest:
    app = AppTest.from_function(page, default_timeout=240)
    app.session_state["given"] = state
    app.run()
    assert not app.exception
    return app


def test_untouched_controls_change_nothing() -> None:
    state = ScalingState(Choice("mobilenet_v2"), along="width_mult")
    assert opened(state).session_state["now"] == state


def test_another_axis_begins_with_its_usual_range() -> None:
    state = ScalingState(Choice("mobilenet_v2"), along="width_mult", low=0.5, high=1.0)
    app = opened(state)
    assert (app.session_state["now"].low, app.session_state["now"].high) == (0.5, 1.0)
    app.selectbox("p.mobilenet_v2.along").set_value("side").run()
    assert not app.exception
    now = app.session_state["now"]
    assert (now.along, now.low, now.high) == ("side", None, None)


def test_another_network_keeps_the_figure_and_gets_its_first_axis() -> None:
    app = opened(ScalingState(Choice("mobilenet_v2"), along="width_mult", of="params"))
    app.selectbox("scaling.net").set_value("resnet50").run()
    assert not app.exception
    now = app.session_state["now"]
    assert (now.choice, now.of, now.along) == (Choice("resnet50"), "params", first_axis("resnet50"))


def test_a_machine_is_asked_for_where_latency_is_shown() -> None:
    state = ScalingState(Choice("mobilenet_v2"), along="width_mult", of="latency")
    assert opened(state).selectbox("p.mobilenet_v2.machine").value == "rtx4090"
    assert machine_of(state).name == "rtx4090"
    assert machine_of(ScalingState(Choice("mobilenet_v2"))) is None


def test_time_on_a_device_asks_for_one_and_blocks_have_none() -> None:
    app = opened(ScalingState(Choice("mobilenet_v2"), along="width_mult", of="device_time"))
    now = app.session_state["now"]
    assert device_of(now) == now.device == next(iter(device_slugs()))
    block = opened(ScalingState(Choice("basic_block"), along=first_axis("basic_block"), of="device_time", device=now.device)).session_state["now"]
    assert (block.of, device_of(block)) == ("macs", "")
