"""Buttons that save a finished SVG."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from streamlit.testing.v1 import AppTest

from viz.graph.save import view_box_size, with_said


@pytest.mark.parametrize(
    ("svg", "size"), [('<svg viewBox="0 0 120.5 80">', (120.5, 80.0)), ('<svg viewBox="-4.0 -3 9 7.25"/>', (9.0, 7.25)), ("<svg>", (800.0, 600.0))]
)
def test_the_size_is_read_from_the_view_box(svg: str, size: tuple[float, float]) -> None:
    assert view_box_size(svg) == size


def test_graphviz_picture_gets_a_line_below_it() -> None:
    svg = '<?xml version="1.0"?>\n<svg width="80pt" height="60pt"\n viewBox="0.00 0.00 80.00 60.00" xmlns="http://www.w3.org/2000/svg"><g><text>in</text></g></svg>\n'
    root = ET.fromstring(with_said(svg, "resnet18 & <b>, SE ratio 16"))
    assert [e.text for e in root.iter("{http://www.w3.org/2000/svg}text")] == ["in", "resnet18 & <b>, SE ratio 16"]
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    assert width > 150  # the line is longer than the picture
    assert height == 84
    assert with_said("<svg>", "x") == "<svg>"


def saving_page() -> None:
    from viz.graph.save import save_buttons

    save_buttons('<svg viewBox="0 0 40000 100"/>', of="wide", what="graph", key="save")


def test_a_picture_too_wide_for_a_canvas_can_be_offered() -> None:
    assert not AppTest.from_function(saving_page, default_timeout=240).run().exception
