"""The Design space's sidebar: what it begins with, ranges that move, budgets in their own unit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from viz.kit.figures import CHART_FIGURES
from viz.space.address import Design, fresh


def page() -> None:
    import streamlit as st

    from viz.space.controls import controls

    st.session_state["now"] = controls(st.session_state["given"], "p.")


def opened(state: Design) -> AppTest:
    app = AppTest.from_function(page, default_timeout=240)
    app.session_state["given"] = state
    app.run()
    assert not app.exception
    return app


def test_untouched_controls_change_nothing() -> None:
    state = replace(fresh("mobilenet_v2"), n=300, seed=7, budgets={"params": 3_200_000.0})
    assert opened(state).session_state["now"] == state


def test_a_budget_is_set_in_its_own_unit_and_removed() -> None:
    app = opened(fresh("mobilenet_v2"))
    label = app.number_input("p.mobilenet_v2.max-params").label
    assert label == f"{CHART_FIGURES['params'].label} at most (M)"
    app.number_input("p.mobilenet_v2.max-params").set_value(2.5).run()
    assert app.session_state["now"].budgets == pytest.approx({"params": 2.5e6})
    app.number_input("p.mobilenet_v2.max-params").set_value(None).run()
    assert app.session_state["now"].budgets == {}


def test_what_may_not_move_leaves_the_space() -> None:
    state = fresh("mobilenet_v2")
    app = opened(state)
    left = list(state.moving)[:1]
    app.multiselect("p.mobilenet_v2.move").set_value(left).run()
    assert not app.exception
    assert list(app.session_state["now"].moving) == left


def test_another_network_keeps_how_it_is_sampled() -> None:
    app = opened(replace(fresh("mobilenet_v2"), n=300, seed=7))
    app.selectbox("space.net").set_value("resnet18").run()
    assert not app.exception
    now = app.session_state["now"]
    assert (now.choice.name, now.n, now.moving) == ("resnet18", 300, fresh("resnet18").moving)
