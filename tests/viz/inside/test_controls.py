"""The sidebar's words, and a network that a button brings."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from viz.inside.controls import weights_title
from viz.inside.picture_chooser import credit, picture_title
from viz.inside.what_if_controls import value_words


def test_weights_and_pictures_have_titles() -> None:
    assert [weights_title(name) for name in ("lite0", "random", "file")] == ["lite0", "random, seed 0", "file of the command line"]
    assert [value_words(value) for value in (True, False, "", "int8")] == ["per channel", "per tensor", "float32", "int8"]
    assert picture_title("own") == "Your picture"
    assert picture_title("motorcycle_left") == "Motorcycle, left"
    assert credit("cat") == "Photograph: Stefan van der Walt, CC0"
    assert credit("edges") == credit("own") == ""


def _app() -> None:
    import streamlit as st

    from viz.inside.address import INSIDE, state_of
    from viz.inside.controls import network_controls, take_choice
    from viz.kit.choice import Choice

    start = state_of(Choice("bottleneck", {"groups": 3}))
    state = network_controls(st.session_state.get("mine", start), "p.")
    st.session_state["mine"] = state
    st.button(
        "take",
        on_click=lambda: (
            take_choice(state, Choice("bottleneck", {"groups": 4}), "p."),
            st.session_state.update(mine=state_of(Choice("bottleneck", {"groups": 4}))),
        ),
    )
    st.text(str(dict(state.choice.knobs)))
    st.text(INSIDE.page)


def test_widgets_forget_what_they_held_when_a_button_brings_another_setting() -> None:
    at = AppTest.from_function(_app, default_timeout=120).run()
    assert not at.exception
    assert at.text[0].value == "{'groups': 3}"
    next(b for b in at.button if b.label == "take").click().run()
    assert at.text[0].value == "{'groups': 4}"
