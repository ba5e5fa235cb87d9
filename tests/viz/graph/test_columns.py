"""A long chain in columns: nothing overlaps, every line still leads from its box to its box, and branches stay whole."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks import analyse
from viz.graph.columns import in_columns, in_rows
from viz.graph.dot import dot
from viz.graph.fold import fold_of
from viz.graph.layout import GraphLayout, Rectangle, lay_out

WIDE, HIGH, GAP = 120.0, 50.0, 40.0


def chain(widths: list[float], joined: set[int]) -> GraphLayout:
    """Boxes of these widths below one another; from each of ``joined`` a second edge leads past the next box."""
    nodes: dict[str, Rectangle] = {f"n{i}": (200 - w / 2, i * (HIGH + GAP), w, HIGH) for i, w in enumerate(widths)}
    edges = {}
    for i in range(len(widths) - 1):
        y = i * (HIGH + GAP) + HIGH
        edges[f"n{i}", f"n{i + 1}"] = ((200.0, y), (200.0, y + 10), (200.0, y + 20), (200.0, y + GAP - 9), (200.0, y + GAP))
        if i in joined and i + 2 < len(widths):
            end = y + GAP + HIGH + GAP
            edges[f"n{i}", f"n{i + 2}"] = ((200.0, y), (330.0, y), (330.0, end - 20), (200.0, end - 9), (200.0, end))
    return GraphLayout(400.0, len(widths) * (HIGH + GAP) - GAP, nodes, {}, edges)


def overlap(a: Rectangle, b: Rectangle) -> bool:
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


@given(st.lists(st.floats(60, 260), min_size=2, max_size=40), st.sets(st.integers(0, 40)))
def test_boxes_stay_apart_and_lines_lead_from_box_to_box(widths: list[float], joined: set[int]) -> None:
    before = chain(widths, joined)
    after = in_columns(before)
    assert set(after.nodes) == set(before.nodes)
    assert list(after.edges) == list(before.edges)
    assert not any(overlap(a, b) for a, b in combinations(after.nodes.values(), 2))
    for x, y, w, h in after.nodes.values():
        assert x >= 0
        assert x + w <= after.width + 0.01
        assert y >= 0
        assert y + h <= after.height
    for (source, target), points in after.edges.items():
        x, y, w, h = after.nodes[source]
        assert points[0] == pytest.approx((x + w / 2, y + h))
        x, y, w, h = after.nodes[target]
        assert points[-1] == pytest.approx((x + w / 2, y))
        assert (len(points) - 2) % 3 == 0  # 1 + 3n control points, and the tip


@given(st.integers(10, 40))
def test_a_thread_becomes_a_picture(n: int) -> None:
    before, after = chain([WIDE] * n, set()), in_columns(chain([WIDE] * n, set()))
    assert after.height < before.height
    assert after.width / after.height > before.width / before.height


def test_what_is_not_slender_stays() -> None:
    layout = chain([WIDE] * 3, set())
    assert in_columns(layout) is layout


def test_a_last_box_alone_gets_no_column() -> None:
    layout = chain([WIDE] * 20, set())
    top, bottom = layout.nodes["n1"][1], layout.nodes["n17"][1] + HIGH
    layout.frames["cluster_0"] = (100.0, top - 20, 200.0, bottom - top + 40)
    assert in_columns(layout) is layout


def test_it_is_never_cut_beside_a_second_path() -> None:
    layout = chain([WIDE] * 30, set(range(30)))  # at every height two edges lead on
    assert in_columns(layout) is layout


def test_an_open_frame_stays_whole() -> None:
    layout = chain([WIDE] * 20, set())
    top, bottom = layout.nodes["n5"][1], layout.nodes["n14"][1] + HIGH
    layout.frames["cluster_0"] = (100.0, top - 20, 200.0, bottom - top + 40)
    after = in_columns(layout)
    x, y, w, h = after.frames["cluster_0"]
    assert (w, h) == (200.0, bottom - top + 40)
    for i in range(5, 15):
        a, b, c, d = after.nodes[f"n{i}"]
        assert x <= a
        assert a + c <= x + w
        assert y <= b
        assert b + d <= y + h


@pytest.mark.parametrize("name", ["resnet50", "mobilenet_v2", "vit_b_16", "densenet121"])
def test_a_networks_top_level_fits_a_laptop(name: str) -> None:
    """In the viewer of 680 x 380 pixels that Explore has at 1280 x 720, at a scale at which its text can be read."""
    fold = fold_of(analyse(name).graph)
    made = in_columns(lay_out(dot(fold.folded(fold.preset("stage")), fold.graph).source))
    assert min(680 / made.width, 380 / made.height) > 0.6


def test_a_thread_from_left_to_right_becomes_rows() -> None:
    """In the picture of 1190 x 140 pixels that a lecture's step has beneath a table and knobs, at a scale at which its text can be read."""
    fold = fold_of(analyse("mobilenet_v2").graph)
    before = lay_out(dot(fold.folded(fold.preset("stage")), fold.graph, "LR").source)
    after = in_rows(before)
    assert min(1190 / before.width, 140 / before.height) < 0.4
    assert min(1190 / after.width, 140 / after.height) > 0.6
    assert not any(overlap(a, b) for a, b in combinations(after.nodes.values(), 2))
    lefts = [after.nodes[f"n{i}"][0] for i in range(len(after.nodes))]
    assert sum(b < a for a, b in pairwise(lefts)) == 1  # read as a text of two lines
    for (source, target), points in after.edges.items():
        assert _within(points[0], after.nodes[source])
        assert _within(points[-1], after.nodes[target])


def _within(point: tuple[float, float], box: Rectangle) -> bool:
    return box[0] - 1 <= point[0] <= box[0] + box[2] + 1 and box[1] - 1 <= point[1] <= box[1] + box[3] + 1


def test_a_short_picture_from_left_to_right_stays() -> None:
    fold = fold_of(analyse("hourglass_1").graph)
    before = lay_out(dot(fold.folded(fold.preset("stage")), fold.graph, "LR").source)
    assert in_rows(before) == before
