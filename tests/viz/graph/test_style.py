"""Paint of shapes in files."""

from __future__ import annotations

import pytest

from viz.graph.scene import ScenePart
from viz.graph.style import TEXT_SIZES, FileStyle, paint_of, weight_of
from viz.kit.palette import contrast

PART = ScenePart("node op", "convolution", [], {"id": "a"})


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", TEXT_SIZES)
def test_text_can_be_read_on_the_ground(name: str, dark: bool) -> None:
    style = FileStyle(dark)
    paint = paint_of(name, PART, style)
    assert contrast(paint.fill, style.ground) >= 4.5
    assert paint.size == TEXT_SIZES[name]


@pytest.mark.parametrize("fill", ["#541A4F", "#F4F1E6"])
def test_text_can_be_read_on_an_overlays_colour(fill: str) -> None:
    style = FileStyle(fills={"a": fill})
    assert paint_of("body", PART, style).fill == fill
    assert contrast(paint_of("title", PART, style).fill, fill) >= 4.5


def test_marked_edges_are_wider_and_the_badges_room_is_not_drawn() -> None:
    assert paint_of("line", ScenePart("edge", "add", []), FileStyle()).width > paint_of("line", ScenePart("edge", "", []), FileStyle()).width
    assert paint_of("badge-room", PART, FileStyle()) == paint_of("badge-room", PART, FileStyle(dark=True))
    assert (weight_of("title"), weight_of("detail")) == (600, 400)
