"""Placement of edge labels."""

from __future__ import annotations

import pytest

from viz.graph.edge_labels import LabelPlacer, sample_spline

LINE = [(100.0, 0.0), (100.0, 200.0)]


def overlaps(a: tuple[float, float], size: tuple[float, float], box: tuple[float, float, float, float]) -> bool:
    return a[0] < box[2] and box[0] < a[0] + size[0] and a[1] < box[3] and box[1] < a[1] + size[1]


def test_a_spline_is_sampled_from_end_to_end() -> None:
    points = sample_spline([(0.0, 0.0), (0.0, 10.0), (20.0, 10.0), (20.0, 20.0)])
    assert points[0] == (0.0, 0.0)
    assert points[-1] == (20.0, 20.0)
    assert points[len(points) // 2] == (10.0, 10.0)


def test_a_label_is_beside_the_middle_of_its_line_where_there_is_room() -> None:
    x, y = LabelPlacer((400.0, 200.0), [], [LINE]).place(0, LINE, 50.0, 12.0, across=False)
    assert x == 106.0
    assert y == pytest.approx(94.0)


def test_a_label_avoids_boxes_and_labels_placed_before() -> None:
    box = (100.0, 60.0, 180.0, 140.0)
    placer = LabelPlacer((400.0, 200.0), [box], [LINE])
    first = placer.place(0, LINE, 50.0, 12.0, across=False)
    second = placer.place(0, LINE, 50.0, 12.0, across=False)
    assert not overlaps(first, (50.0, 12.0), box)
    assert not overlaps(second, (50.0, 12.0), box)
    assert not overlaps(second, (50.0, 12.0), (first[0], first[1], first[0] + 50.0, first[1] + 12.0))


def test_a_label_avoids_other_lines() -> None:
    other = [(130.0, 0.0), (130.0, 200.0)]
    x, _ = LabelPlacer((400.0, 200.0), [], [LINE, other]).place(0, LINE, 50.0, 12.0, across=False)
    assert x + 50.0 < 100.0
