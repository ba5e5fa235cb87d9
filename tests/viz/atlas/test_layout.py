"""The map's layout: every family once, nothing over anything else, time from left to right."""

from __future__ import annotations

from itertools import combinations

import pytest

from blocks import catalog
from blocks.catalog import lineage
from viz.atlas.layout import TimeAxis, layout


def test_every_family_stands_once_in_a_row_of_its_lane() -> None:
    made = layout()
    assert sorted(p.family for p in made.places) == sorted(f.name for f in catalog.families())
    bands = {lane.idea.name: range(lane.row, lane.row + lane.rows) for lane in made.lanes}
    assert all(p.row in bands[p.lane] and p.lane == lineage.lane(p.family) for p in made.places)
    assert sorted(row for band in bands.values() for row in band) == list(range(made.rows))


def test_no_box_covers_another_or_leaves_the_map() -> None:
    places = layout().places
    assert all(0 <= p.x < p.x + p.width <= 1 + 1e-9 for p in places)
    for a, b in combinations(places, 2):
        if a.row == b.row:
            assert a.x + a.width < b.x or b.x + b.width < a.x, (a.family, b.family)


def test_who_came_first_stands_further_left() -> None:
    made = layout()
    dates = {f.name: lineage.first_shown(f) for f in catalog.families()}
    at = {p.family: p.x for p in made.places}
    assert at["alexnet"] < at["vgg"] < at["resnet"] < at["xception"] < at["mobilenet_v2"] < at["efficientnet"]
    assert dates["alexnet"] < dates["vgg"] < dates["resnet"] < dates["xception"] < dates["mobilenet_v2"] < dates["efficientnet"]


def test_a_busy_year_is_wide_and_months_divide_it_evenly() -> None:
    axis = TimeAxis([(2001, 1), (2002, 1), (2002, 5), (2002, 9), (2003, 1)])
    assert axis.starts[2001] == 0
    assert axis.weights[2002] > axis.weights[2001]
    assert axis((2002, 7)) == pytest.approx(axis.starts[2002] + axis.weights[2002] / 2)
    assert sum(axis.weights.values()) == pytest.approx(1)
