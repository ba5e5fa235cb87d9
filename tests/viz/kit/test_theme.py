"""The page tells the browser for which ground it was drawn."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def test_it_takes_one_place_that_is_the_same_in_every_run() -> None:
    def page() -> None:
        from viz.kit.theme import follow_theme

        follow_theme()

    at = AppTest.from_function(page).run()
    assert not at.exception
    places = list(at.main.children)
    at.run()
    assert not at.exception
    assert list(at.main.children) == places
