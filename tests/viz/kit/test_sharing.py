"""The share bar stands on a page without a complaint; what it copies is tested in the browser."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def page() -> None:
    from viz.kit.sharing import share_bar

    share_bar()
    share_bar("second")


def test_it_stands_on_a_page_also_twice() -> None:
    assert not AppTest.from_function(page).run().exception
