"""A choice's input as widgets: what they show at first, what they hold once changed."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from viz.kit.choice import Choice


def page(name: str) -> None:
    import streamlit as st

    from viz.kit.choice import Choice
    from viz.kit.input_widgets import input_panel

    st.session_state["held"] = input_panel(Choice(name, batch=3), "p")


def opened(name: str) -> AppTest:
    app = AppTest.from_function(page, args=(name,)).run()
    assert not app.exception
    return app


def test_the_widgets_begin_with_the_choice_and_change_it() -> None:
    app = opened("resnet18")
    assert app.session_state["held"] == Choice("resnet18", batch=3)
    assert app.number_input("p_side").value == 224
    app.number_input("p_side").set_value(160)
    app.selectbox("p_dtype").set_value("float16")
    app.toggle("p_training").set_value(True)
    app.run()
    assert app.session_state["held"] == Choice("resnet18", side=160, batch=3, dtype="float16", training=True)


def test_the_published_resolution_is_no_change() -> None:
    app = opened("resnet18")
    app.number_input("p_side").set_value(256).run()
    assert app.session_state["held"].side == 256
    app.number_input("p_side").set_value(224).run()
    assert app.session_state["held"].side is None


def test_a_block_of_tokens_asks_for_tokens() -> None:
    from blocks import catalog
    from blocks.catalog import free_places

    name = next(n for n in catalog.names("block") if len(free_places(n)) == 1)
    assert opened(name).number_input("p_side").label == "Tokens $N$"
