"""The lineage: every family is placed, no edge is loose, and time runs forward."""

from __future__ import annotations

import pytest

from blocks import catalog
from blocks.catalog import lineage

FAMILIES = {f.name: f for f in catalog.families()}


def test_every_family_has_a_lane_and_an_edge() -> None:
    assert set(lineage.LANES) == set(FAMILIES)
    assert {name for e in lineage.EDGES for name in (e.source, e.target)} == set(FAMILIES)


def test_every_lane_and_every_edge_has_a_known_idea_and_every_idea_is_used() -> None:
    known = {i.name for i in lineage.IDEAS}
    assert set(lineage.LANES.values()) == known
    assert {e.idea for e in lineage.EDGES} == known


def test_no_edge_is_drawn_twice_or_to_itself() -> None:
    pairs = [(e.source, e.target, e.idea) for e in lineage.EDGES]
    assert len(set(pairs)) == len(pairs)
    assert all(source != target for source, target, _ in pairs)


@pytest.mark.parametrize("edge", lineage.EDGES, ids=lambda e: f"{e.source}-{e.target}-{e.idea}")
def test_nothing_is_taken_from_the_future(edge: lineage.Influence) -> None:
    earlier, later = (lineage.first_shown(FAMILIES[name]) for name in (edge.source, edge.target))
    assert (earlier <= later) is not edge.later
    assert edge.what.endswith(".")


@pytest.mark.parametrize(("family", "when"), [("vgg", (2014, 9)), ("resnet", (2015, 12)), ("vit", (2020, 10)), ("alexnet", (2012, 12))])
def test_a_family_is_dated_by_its_first_appearance(family: str, when: tuple[int, int]) -> None:
    assert lineage.first_shown(FAMILIES[family]) == when


def test_the_order_has_each_family_once_after_what_it_builds_on() -> None:
    order = lineage.order()
    assert sorted(order) == sorted(FAMILIES)
    place = {name: i for i, name in enumerate(order)}
    assert all(place[e.source] < place[e.target] for e in lineage.EDGES if not e.later)
    assert order[0] == "alexnet"


def test_a_family_unites_its_own_idea_with_those_it_took() -> None:
    assert lineage.ideas("mobilenet_v3") == ["separable", "attention"]
    assert lineage.ideas("resnext") == ["split", "shortcut"]
    assert {e.source for e in lineage.sources_of("efficientnet")} == {"mobilenet_v1", "wide_resnet", "mnasnet"}
    assert [e.target for e in lineage.followers_of("mnasnet")] == ["mobilenet_v3", "efficientnet"]
