"""Published accuracies as points, and series in which one thing was scaled."""

from __future__ import annotations

from blocks import catalog
from blocks.space.published import first_published, points, scaling_series


def test_every_point_is_of_a_preset_with_a_size_that_it_takes() -> None:
    assert {p.preset for p in points()} == set(first_published())
    for point in first_published().values():
        setup, variant = point.item
        assert setup.name == point.preset
        assert point.family == catalog.entry(point.preset).family.name
        assert variant.side in (None, point.side)
        assert 30 < point.accuracy < 100


def test_a_series_scales_one_thing() -> None:
    for series in scaling_series():
        assert series.way in ("width", "depth", "resolution", "compound")
        assert len(series.points) > 1
