"""Buttons that save a finished SVG."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from viz.graph.save import view_box_size


@pytest.mark.parametrize(
    ("svg", "size"), [('<svg viewBox="0 0 120.5 80">', (120.5, 80.0)), ('<svg viewBox="-4.0 -3 9 7.25"/>', (9.0, 7.25)), ("<svg>", (800.0, 600.0))]
)
def test_the_size_is_read_from_the_view_box(svg: str, size: tuple[float, float]) -> None:
    assert view_box_size(svg) == size


def saving_page() -> None:
    from viz.graph.save import save_buttons

    save_buttons('<svg viewBox="0 0 40000 100"/>', "wide", key="save")


def test_a_picture_too_wide_for_a_canvas_can_be_offered() -> None:
    assert not AppTest.from_function(saving_page, default_timeout=60).run().exception
