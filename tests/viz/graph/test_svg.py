"""SVG of the picture: for the page, and as a file."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from blocks import analyse
from viz.graph.fold import Fold
from viz.graph.scene import Scene, scene
from viz.graph.svg import page_svg, standalone_svg, xml_attribute, xml_text


@pytest.fixture(scope="module")
def drawn() -> Scene:
    fold = Fold(analyse("se_bottleneck").graph)
    return scene(fold.folded(fold.preset("block")), fold.graph)


def test_the_pages_picture_has_no_colours_of_its_own_and_the_file_has_all(drawn: Scene) -> None:
    page, file = ET.fromstring(page_svg(drawn)), ET.fromstring(standalone_svg(drawn))
    assert not [e for e in page.iter() if "fill" in e.attrib]
    assert all("fill" in e.attrib for e in file.iter() if e.tag.endswith(("path", "text")))


def test_the_page_knows_where_every_box_is(drawn: Scene) -> None:
    root = ET.fromstring(page_svg(drawn))
    boxes = {e.attrib["data-id"]: e.attrib["data-box"] for e in root.iter() if "data-box" in e.attrib}
    assert boxes == {part.data["id"]: part.data["box"] for part in [*drawn.nodes, *drawn.frames]}


def test_text_and_attributes_are_escaped() -> None:
    assert xml_text("<b>&\x00") == "&lt;b&gt;&amp;�"
    assert ET.fromstring(f"<a b={xml_attribute(chr(34) + '<&' + chr(39))}/>").attrib["b"] == "\"<&'"
