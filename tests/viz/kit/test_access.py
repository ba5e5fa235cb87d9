"""The CSS of access, and the place for errors."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from viz.kit.access import access_style
from viz.kit.palette import LINK, ON_ACCENT, QUIET


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_style_is_in_the_colours_of_the_theme(dark: bool) -> None:
    style = access_style(dark)
    for colour in (QUIET, LINK, ON_ACCENT):
        assert colour.on(dark) in style
        assert colour.on(not dark) not in style
    assert style.count("{") == style.count("}")
    assert "{{" not in style


def _page() -> None:
    import streamlit as st

    from viz.kit.access import over_page

    wrong = st.toggle("Wrong")
    with over_page():
        if wrong:
            st.error("This does not work.")
    st.markdown("What stays")


def test_an_error_leaves_the_places_of_all_others_alone() -> None:
    at = AppTest.from_function(_page).run()
    places = list(at.main.children)
    at.toggle[0].set_value(True).run()
    assert not at.exception
    assert [error.value for error in at.error] == ["This does not work."]
    assert list(at.main.children) == places
