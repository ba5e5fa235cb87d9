"""The rows of the device that was chosen elsewhere: published and estimated times never stand in one row."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

PI = "Raspberry Pi 5 Broadcom BCM2712, Cortex-A76 (ARMv8) (2.4GHz x 4)"


def page() -> None:
    import streamlit as st

    from blocks.latency.devices.asked import AskedDevice
    from viz.compare.latency import elsewhere_rows
    from viz.kit.board import Side
    from viz.kit.choice import Choice, analysed
    from viz.kit.chosen_device import choose_device

    asked = AskedDevice("ncnn", st.session_state["device"], (("threads", "4"), ("gpu", "no")), "float", st.session_state["probes"])
    choose_device(asked)
    choices = [Choice("resnet50"), Choice("resnet50", {"se_ratio": 16}), Choice("bottleneck")]
    st.session_state["rows"] = elsewhere_rows(asked, [Side(i, "ABC"[i], c.name, i, c, analysed(c)) for i, c in enumerate(choices)])


def rows_of(device: str, probes: tuple[tuple[str, float], ...] = ()) -> AppTest:
    app = AppTest.from_function(page, default_timeout=240)
    app.session_state["device"], app.session_state["probes"] = device, probes
    app.run()
    assert not app.exception
    return app


def test_published_and_estimated_times_have_rows_of_their_own() -> None:
    known, estimated = rows_of(PI).session_state["rows"]
    assert (known.name, estimated.name) == (f"Published of {PI}", "Estimated there")
    assert [c.text for c in known.cells] == ["46.21 ms", "–", "–"]
    assert [c.text[:1] for c in estimated.cells] == ["–", "≈", "–"]
    assert estimated.cells[1].below.startswith("90 %: ")


def test_probes_are_said_to_be_timed() -> None:
    known, _ = rows_of("", (("resnet50", 80.0),)).session_state["rows"]
    assert known.name == "Timed by you on a device known by resnet50 80 ms"
    assert known.cells[0].text == "80 ms"
