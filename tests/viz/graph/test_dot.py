"""DOT: boxes that hold their text, names that stay text, directions."""

from __future__ import annotations

import re

import pytest

from blocks import analyse
from viz.graph.dot import DETAIL, TITLE, chip_width, dot, escape, sized
from viz.graph.fold import Fold
from viz.graph.layout import lay_out
from viz.graph.metrics import text_width


@pytest.fixture(scope="module")
def fold() -> Fold:
    return Fold(analyse("densenet121").graph)


def test_every_box_holds_its_text(fold: Fold) -> None:
    for box in sized(fold.folded(fold.preset("block")), fold.graph):
        if box.label.shape != "circle":
            assert box.width > text_width(box.label.title, TITLE, bold=True)
            assert box.width > text_width(box.label.detail, DETAIL)


def test_a_bar_grows_with_the_branches_that_it_joins_along_its_own_side() -> None:
    fold = Fold(analyse("inception_v4_a").graph)
    folded = fold.folded(fold.preset("operation"))
    down, right = ([box for box in sized(folded, fold.graph, direction) if box.label.shape == "bar"][-1] for direction in ("TB", "LR"))
    assert down.width > right.width
    assert right.height > down.height


def test_only_the_file_for_use_outside_carries_text(fold: Fold) -> None:
    folded = fold.folded(fold.preset("stage"))
    assert "Dense Block" in dot(folded, fold.graph, shapes=True).source
    assert "Dense Block" not in dot(folded, fold.graph).source


@pytest.mark.parametrize("cardinality", [3, 4, 8])
@pytest.mark.parametrize("level", ["stage", "block"])
def test_like_paths_begin_at_one_height_wherever_they_are_added(cardinality: int, level: str) -> None:
    fold = Fold(analyse("resnext_paths", cardinality=cardinality).graph)
    folded = fold.folded(fold.preset(level))
    layout = lay_out(dot(folded, fold.graph).source)
    first = [layout.nodes[f"n{i}"][1] for i, item in enumerate(folded.nodes) if re.fullmatch(r"paths\.\d+(\.0)?", item.id)]
    assert len(first) == cardinality
    assert len(set(first)) == 1


def test_another_direction_is_refused(fold: Fold) -> None:
    with pytest.raises(ValueError, match="direction = 'BT': must be TB or LR"):
        dot(fold.folded(fold.preset("stage")), fold.graph, "BT")


def test_names_cannot_end_a_string_or_start_html() -> None:
    assert escape("\\N") == "\\\\N"
    assert escape("<b>") == "<b>"
    assert type(escape("<b>")) is not str  # graphviz would take a plain one for HTML


def test_the_plate_is_wider_than_its_name() -> None:
    assert chip_width("Dense Block") > text_width("Dense Block", 13.0, bold=True)
