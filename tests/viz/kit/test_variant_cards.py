"""The cards of a comparison: what they say, and what their buttons do to the board."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from blocks import catalog
from viz.kit.board import Board
from viz.kit.choice import Choice
from viz.kit.variant_cards import _input, _likely


def test_only_an_input_that_is_not_as_published_is_said() -> None:
    assert _input(Choice("resnet18")) == []
    assert _input(Choice("resnet18", side=160, batch=8, dtype="float16", training=True)) == ["3 × 160 × 160", "batch 8", "float16", "training"]


def test_a_copy_begins_with_the_knob_that_is_asked_for_most() -> None:
    knobs = catalog.knobs("resnet50")
    assert knobs[_likely(knobs)].name == "se_ratio"
    unusual = [k for k in knobs if k.name in ("norm", "groups")]
    assert _likely(unusual) == 0
    plain = [k for k in catalog.knobs("standard_convolution") if k.name in ("c_out", "kernel_size", "stride")]
    assert plain[_likely(plain)].name == "kernel_size"
    assert _likely([]) == 0


def page() -> None:
    import streamlit as st

    from viz.kit.variant_cards import cards

    cards(st.session_state["board"])


def test_cards_move_and_leave() -> None:
    board = Board()
    for name in ("resnet18", "vgg11"):
        board.add(Choice(name))
    first, second = (slot.number for slot in board.slots)
    app = AppTest.from_function(page, default_timeout=240)
    app.session_state["board"] = board
    app.run()
    assert not app.exception
    assert app.button(f"left-{first}").disabled
    assert app.button(f"right-{second}").disabled
    app.button(f"right-{first}").click().run()
    assert not app.exception
    assert [s.number for s in app.session_state["board"].slots] == [second, first]
    app.button(f"remove-{second}").click().run()
    assert not app.exception
    assert [s.number for s in app.session_state["board"].slots] == [first]
