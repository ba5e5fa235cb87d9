"""A widget's default is what the session holds."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from viz.kit.widget_state import held, held_index

    st.session_state["depth"] = held("d", 3)
    options = st.session_state.get("options", ["a", "b", "c"])
    st.session_state["place"] = held_index("o", options, "b")


def after(**held: object) -> tuple[object, object, object, object]:
    app = AppTest.from_function(page)
    for name, value in held.items():
        app.session_state[name] = value
    state = app.run().session_state
    assert not app.exception
    return state["depth"], state["d"], state["place"], state["o"]


def test_the_first_value_is_put_where_the_session_holds_none() -> None:
    assert after() == (3, 3, 1, "b")


def test_what_the_session_holds_wins() -> None:
    assert after(d=4, o="c") == (4, 4, 2, "c")


def test_an_option_that_is_gone_is_replaced() -> None:
    assert after(o="c", options=["b", "a"]) == (3, 3, 0, "b")


def test_an_option_that_is_none_any_more_gives_way() -> None:
    """After a language has changed the browser says the option in the words of before."""

    def script() -> None:
        import streamlit as st

        from viz.kit.widget_state import held_index

        st.session_state.setdefault("hue", "Farbton")
        st.selectbox("What", ["hue", "contrast"], held_index("hue", ["hue", "contrast"], "Farbton"), key="hue")

    at = AppTest.from_function(script).run()
    assert not at.exception
    assert at.selectbox[0].value == "hue"
