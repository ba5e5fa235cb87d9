"""The HTML file that works without a server."""

from __future__ import annotations

import json
import re

import pytest
from torch import nn

from blocks import analyse
from viz.graph.fold import Fold
from viz.graph.offline import MAX_PARTS, TooManyParts, offline_data, offline_page
from viz.graph.payload import search_items
from viz.graph.readings import Readings


def test_the_html_file_holds_every_item_and_calls_nobody() -> None:
    analysis = analyse("resnet18")
    fold = Fold(analysis.graph)
    text = offline_page(analysis, fold, Readings(analysis), "TB", fold.preset("block"), "", "")
    held = json.loads(re.search(r'id="graph-data">(.*?)</script>', text, re.DOTALL)[1])  # type: ignore[index]
    fold = Fold(analysis.graph)
    assert set(held["items"]) == set(fold.items)
    assert set(held["insides"]) == {item.id for item in fold.items.values() if item.children}
    assert held["open"] == sorted(fold.preset("block"))
    for item in fold.items.values():
        assert held["items"][item.id]["inside"] == [child.id for child in item.children]
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", text)


def test_the_inside_of_a_module_joins_the_outside_at_two_gates() -> None:
    analysis = analyse("basic_block")
    fold, readings = Fold(analysis.graph), Readings(analysis)
    held = offline_data(analysis, fold, readings, "TB", [])
    body = held["insides"]["body"]
    assert {(line["from"], line["to"]) for line in body["lines"]} >= {("in", "body.0"), ("body.1", "out")}
    assert set(body["boxes"]) == {"body.0", "body.1", "in", "out"}


def test_a_network_too_large_for_one_file_is_refused_with_its_number() -> None:
    net = nn.Sequential(*(nn.Linear(3 + i % 2, 4 - i % 2) for i in range(MAX_PARTS)))
    analysis = analyse(net, (1, 3))
    fold, readings = Fold(analysis.graph), Readings(analysis)
    with pytest.raises(TooManyParts, match=r"has 6,\d\d\d parts.*6,000"):
        offline_page(analysis, fold, readings, "TB", [], "", "")


@pytest.mark.parametrize("text", ["linear", "stages.2 conv", "adaptive_avg", "nothing of this name"])
def test_a_search_finds_the_same_as_in_the_app(text: str) -> None:
    analysis = analyse("resnet18")
    fold = Fold(analysis.graph)
    items = offline_data(analysis, fold, Readings(analysis), "TB", [])["items"]
    found = [id for id, item in items.items() if id and all(word in item["search"] for word in text.split())]  # as assets/offline_graph.js does
    assert found[:30] == [hit["id"] for hit in search_items(fold, text, fold.preset("stage"))]
