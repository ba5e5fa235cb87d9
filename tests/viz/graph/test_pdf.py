"""PDF files of the picture."""

from __future__ import annotations

import re
import zlib

from blocks import analyse
from viz.graph.fold import Fold
from viz.graph.pdf import pdf
from viz.graph.scene import PathShape, Scene, ScenePart, TextShape, scene


def content(data: bytes) -> str:
    return zlib.decompress(re.search(rb"stream\n(.*?)\nendstream", data, re.DOTALL)[1]).decode("latin-1")  # type: ignore[index]


def page(width: float, height: float, *shapes: PathShape | TextShape) -> Scene:
    return Scene(width, height, [], [], [], [ScenePart("node", "module", list(shapes), {"id": "a"})])


def test_the_page_is_as_large_as_the_picture_and_a_larger_one_is_scaled_down() -> None:
    assert b"/MediaBox [0 0 300.00 200.00]" in pdf(page(300, 200))
    assert b"/MediaBox [0 0 14400.00 7200.00]" in pdf(page(28_800, 14_400))


def test_arrows_are_taken_from_the_symbol_font_and_unknown_letters_become_question_marks() -> None:
    said = content(pdf(page(300, 200, TextShape(10, 20, "64 → 块", "detail"))))
    assert "/S 12.5 Tf <AE> Tj" in said
    assert f"<{' ?'.encode('cp1252').hex().upper()}> Tj" in said


def test_an_overlays_colour_replaces_that_of_the_kind() -> None:
    fold = Fold(analyse("basic_block").graph)
    drawn = scene(fold.folded(fold.preset("stage")), fold.graph)
    some = drawn.nodes[1].data["id"]
    assert "0.000 1.000 0.000 rg" in content(pdf(drawn, fills={some: "#00ff00"}))
    assert "0.000 1.000 0.000 rg" not in content(pdf(drawn))
