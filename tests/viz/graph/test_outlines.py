"""Outlines of boxes and lines."""

from __future__ import annotations

from math import hypot

import pytest

from viz.graph.outlines import arrow, circle, commands, outline, rounded, spline


@pytest.mark.parametrize("shape", ["circle", "pill", "square", "hexagon", "slant", "pool", "upsample", "bar", "box"])
def test_every_outline_stays_within_its_rectangle_and_is_closed(shape: str) -> None:
    path = outline(shape, 10, 20, 90, 40)
    points = [point for step in path for point in step[1:]]
    assert all(10 <= x <= 100 and 20 <= y <= 60 for x, y in points)
    assert path[-1] == ("Z",)


def test_corners_are_no_rounder_than_the_rectangle_allows() -> None:
    assert commands(rounded(0, 0, 10, 4, 99)) == commands(rounded(0, 0, 10, 4, 2))


def test_a_circle_is_round_to_a_thousandth() -> None:
    (x, y), *_ = circle(0, 0, 100)[2][1:]
    assert hypot(0, 100) == 100
    middle = [sum(w * p[i] for w, p in zip((1, 3, 3, 1), [(0, -100), *circle(0, 0, 100)[2][1:]], strict=True)) / 8 for i in (0, 1)]
    assert hypot(*middle) == pytest.approx(100, rel=1e-3), (x, y)


def test_an_arrow_points_to_its_tip() -> None:
    path = arrow((10, 0), (10, 9))
    assert path[1] == ("L", (10, 9))
    assert [step[1][0] for step in path if step[0] != "Z"] == pytest.approx([6.4, 10, 13.6])


def test_a_spline_in_svgs_notation() -> None:
    assert commands(spline([(0, 0), (0, 10), (20, 10), (20, 20)])) == "M0.0 0.0C0.0 10.0 20.0 10.0 20.0 20.0"
