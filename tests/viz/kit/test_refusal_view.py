"""The ways out of a refused setting are buttons that set it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from viz.kit.choice import Choice
    from viz.kit.refusal_view import refusal_view

    good = Choice(st.session_state["good"]) if "good" in st.session_state else None
    refusal_view("It cannot be.", Choice("shuffle_unit", {"groups": 7}), good, lambda choice: st.session_state.update(used=choice), "test")


@pytest.mark.parametrize(("good", "back"), [(None, "As published"), ("shuffle_unit", "Undo"), ("resnet18", "As published")])
def test_the_nearest_and_the_way_back(good: str | None, back: str) -> None:
    app = AppTest.from_function(page)
    if good:
        app.session_state["good"] = good
    app.run()
    assert [e.value for e in app.error] == ["It cannot be."]
    assert [b.label for b in app.button] == ["Use groups 6", back]
    app.button[0].click().run()
    assert app.session_state["used"].knobs == {"groups": 6}
    app.button[1].click().run()
    assert app.session_state["used"].knobs == {}
