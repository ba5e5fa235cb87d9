"""The device chosen for the session: what other pages say of a network there, marked as what it is."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from blocks.latency.devices.asked import AskedDevice, device_slugs, device_text, device_times, published_device, read_device
from blocks.latency.devices.prediction import predict_known, predict_probed
from blocks.latency.devices.words import in_ms
from viz.kit.choice import Choice
from viz.kit.chosen_device import device_words, estimate_interval, estimate_there, estimate_words, is_estimated, known_words

PI = AskedDevice("ncnn", "Raspberry Pi 5 Broadcom BCM2712, Cortex-A76 (ARMv8) (2.4GHz x 4)", (("threads", "4"), ("gpu", "no")), "float")
OWN = AskedDevice("ncnn", "", (("threads", "4"), ("gpu", "no")), "float", (("mobilenet_v2", 12.3), ("resnet50", 80.0)))


def page() -> None:
    import streamlit as st

    from viz.kit.chosen_device import choose_device, chosen_device, elsewhere_caption, estimates_elsewhere

    asked, choices = st.session_state["given"]
    if asked is not None:
        choose_device(asked)
    assert chosen_device() == asked
    st.session_state["found"] = estimates_elsewhere(choices)
    for choice in choices:
        elsewhere_caption(choice)


def shown(asked: AskedDevice | None, *choices: Choice) -> AppTest:
    app = AppTest.from_function(page, default_timeout=240)
    app.session_state["given"] = (asked, choices)
    app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize(
    "choice",
    [
        Choice("mobilenet_v2", {"width_mult": 0.5}),
        Choice("resnet50"),
        Choice("resnet18", side=160),
        Choice("vgg11", batch=4),
        Choice("vgg11", dtype="bfloat16", training=True),
    ],
)
def test_a_page_says_what_the_library_does_whatever_its_batch_and_type(choice: Choice) -> None:
    wanted = device_times(PI).estimate(choice.name, choice.knobs, choice.side)
    found = estimate_there(PI, choice)
    assert (found.ms, found.low, found.high) == pytest.approx((wanted.ms, wanted.low, wanted.high))
    if choice.side is None:
        assert found.ms == pytest.approx(predict_known(PI.device, choice.name, choice.knobs).ms)


def test_nothing_is_said_before_a_device_was_chosen() -> None:
    app = shown(None, Choice("resnet50"))
    assert (app.session_state["found"], len(app.caption)) == ([None], 0)


def test_what_is_published_and_what_is_estimated_are_said_to_be() -> None:
    app = shown(PI, Choice("resnet50"), Choice("resnet101"), Choice("bottleneck"))
    first, second = (c.value for c in app.caption)
    assert "46.21 ms, published" in first
    assert "≈ " in second
    assert "estimated, 90 %:" in second
    assert all("not measured here" in said for said in (first, second))
    assert app.session_state["found"][2] is None


def test_a_timed_device_is_named_by_its_probes() -> None:
    [said] = [c.value for c in shown(OWN, Choice("resnet50")).caption]
    assert "80 ms, timed by you" in said
    assert OWN.title == "a device known by mobilenet_v2 12.3 ms, resnet50 80 ms"


def test_words_of_an_estimate() -> None:
    found = predict_probed(dict(OWN.probes), "resnet18")
    assert estimate_words(found) == (f"≈ {found.ms:.3g} ms", f"90 %: {found.low:.3g} – {found.high:.3g} ms")
    assert [in_ms(0.45321), in_ms(46.21), in_ms(12345.6), in_ms(1234.5, 3), in_ms(80.0)] == ["0.4532", "46.21", "12346", "1234", "80"]
    assert known_words(found) == ""
    assert [is_estimated(Choice(name)) for name in ("resnet18", "bottleneck")] == [True, False]


def picking() -> None:
    import streamlit as st

    from viz.kit.chosen_device import choose_device, pick_device

    if st.session_state["own"] is not None:
        choose_device(st.session_state["own"])
    st.session_state["now"] = pick_device(st.session_state["text"], "k", none=True)


def test_a_device_is_picked_the_sessions_own_first() -> None:
    app = AppTest.from_function(picking, default_timeout=240)
    app.session_state["own"], app.session_state["text"] = OWN, ""
    app.run()
    assert not app.exception
    assert app.session_state["now"] == ""
    assert app.selectbox("k").options[:2] == ["none", "a device known by mobilenet_v2 12.3 ms, resnet50 80 ms · 4 threads · CPU"]
    assert len(app.selectbox("k").options) == 2 + len(device_slugs())
    app.selectbox("k").select_index(1).run()
    assert read_device(app.session_state["now"]) == OWN


def test_a_device_in_words() -> None:
    assert device_words("") == "none"
    assert device_words(device_text(published_device(PI.device))) == PI.device
    assert device_words(device_text(AskedDevice(PI.table, PI.device, PI.settings, "int8"))).endswith("· 4 threads · CPU · 8 bits")
    assert estimate_interval(8.0, 12.5) == "90 %: 8 – 12.5 ms"
