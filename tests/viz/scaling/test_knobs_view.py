"""Any figure over one or two knobs: where the network stands, what is marked, what is refused."""

from __future__ import annotations

from unittest.mock import patch

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from blocks import analyse
from blocks.space.axes import find_axis
from viz.kit.choice import Choice
from viz.scaling import knobs_view as view
from viz.scaling.address import ScalingState


def test_where_the_network_stands() -> None:
    state = ScalingState(Choice("mobilenet_v2", {"width_mult": 0.75}, side=160))
    assert view._here(state, find_axis("mobilenet_v2", "width_mult")) == 0.75
    assert view._here(state, find_axis("mobilenet_v2", "side")) == 160
    assert view._here(ScalingState(Choice("mobilenet_v2")), find_axis("mobilenet_v2", "side")) == 224


def test_a_moved_choice_keeps_its_other_knobs() -> None:
    choice = Choice("mobilenet_v2", {"width_mult": 0.75})
    assert view._moved(choice, find_axis("mobilenet_v2", "side"), 96) == Choice("mobilenet_v2", {"width_mult": 0.75}, side=96)
    assert view._moved(choice, find_axis("mobilenet_v2", "width_mult"), 1.4).knobs == {"width_mult": 1.4}


def test_published_networks_stand_at_their_own_counts() -> None:
    axis = find_axis("mobilenet_v2", "width_mult")
    state = ScalingState(Choice("mobilenet_v2"), along="width_mult", of="params")
    frame = pd.DataFrame({"width_mult": [0.3, 1.0], "params": [1, 2]})
    marks = view._marks(state, axis, frame)
    assert marks
    for name, (value, params) in marks.items():
        assert 0.3 <= value <= 1.0
        assert params == analyse(name).params
    assert view._marks(ScalingState(Choice("mobilenet_v2", side=96), along="width_mult", of="params"), axis, frame) == {}


def page() -> None:
    import streamlit as st

    from viz.scaling.knobs_view import knobs_view

    knobs_view(st.session_state["state"])


def shown(state: ScalingState) -> AppTest:
    app = AppTest.from_function(page, default_timeout=240)
    app.session_state["state"] = state
    with patch.object(view, "measuring"):
        app.run()
    assert not app.exception
    return app


def test_a_network_without_a_scale_is_a_sentence() -> None:
    app = shown(ScalingState(Choice("resnet50"), along=""))
    assert "no knob with a scale" in app.info[0].value


@pytest.mark.parametrize("across", ["", "c_out"])
def test_a_block_over_its_channels(across: str) -> None:
    app = shown(ScalingState(Choice("standard_convolution"), along="c_in", across=across, of="params"))
    assert app.markdown[0].value.startswith("#### Parameters of ")
    assert (" and " in app.markdown[0].value) is bool(across)
    assert bool(app.metric) is not bool(across)
