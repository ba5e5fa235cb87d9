"""Times for the graph's overlay: estimated for a machine, or measured in this session, and the sentence where there are none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import streamlit as st

from blocks.latency.roofline.estimate import estimate
from blocks.latency.roofline.machines import published_machines
from tests.drawing import page_of, said, shown
from viz.explore import graph_times
from viz.kit.choice import Choice, analysed

CHOICE = Choice("bottleneck")
GPU = published_machines()[0]


def selected(choice: Choice) -> None:
    """A page that keeps what the selector returned."""
    st.session_state["found"] = graph_times.times_selector(choice, analysed(choice))


@pytest.fixture(autouse=True)
def published(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_times, "_machines", lambda: list(published_machines()))


def test_a_machines_times_are_the_estimates() -> None:
    app = shown(selected, CHOICE, graph_times=GPU.name)
    times, words = app.session_state["found"]
    assert times == estimate(analysed(CHOICE), GPU).by_node
    assert words == "Time, estimated"


def test_a_type_that_the_machine_lacks_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = replace(GPU, name="lacking", peaks={"float32": 1e12})
    monkeypatch.setattr(graph_times, "_machines", lambda: [lacking])
    app = shown(selected, Choice("bottleneck", dtype="float16"), graph_times="lacking")
    assert app.session_state["found"] == (None, "")
    assert f"has no figure for {lacking.title}" in said(app)


def test_measured_times_are_this_sessions_or_a_button(monkeypatch: pytest.MonkeyPatch) -> None:
    app = page_of(selected, CHOICE, graph_times=graph_times.MEASURED).run()
    assert app.session_state["found"] == (None, "Time, measured")
    assert [b.label for b in app.button] == ["Measure"]
    known: Any = {3: 0.001}
    monkeypatch.setattr(graph_times, "times_of", lambda _: known)
    app.run()
    assert app.session_state["found"] == (known, "Time, measured")
    assert not app.button
