"""The Design space's table and the marks that a user makes on its chart."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from viz.kit.choice import Choice
from viz.kit.links import Link
from viz.space import view
from viz.space.address import Design

STATE = Design(Choice("mobilenet_v2"))


def test_the_table_has_words_units_and_lists_as_text() -> None:
    frame = pd.DataFrame({"depths": [(1, 2), (3, 4)], "width_mult": [0.5, 1.0], "params": [2_500_000, 4_000_000]})
    made = view.readable_table(frame, {"depths": "Blocks per stage", "width_mult": "Width", "gone": "Not there"})
    assert list(made["Blocks per stage"]) == ["1,2", "3,4"]
    assert list(made["Width"]) == [0.5, 1.0]
    assert "Not there" not in made
    (params,) = (c for c in made if "Parameters" in c)
    assert list(made[params]) == pytest.approx([2.5, 4.0])
    assert list(view._flat(frame)["depths"]) == ["1 2", "3 4"]


def points(*places: int) -> dict[str, Any]:
    return {"selection": {"points": [{"customdata": [p, "words"]} for p in places] + [{"x": 1}]}}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Link]:
    """The links that were opened."""
    links: list[Link] = []
    monkeypatch.setattr(view, "open_link", links.append)
    monkeypatch.setattr(view, "choice_of", lambda _state, variant: Choice(variant))
    return links


DRAWN: Any = SimpleNamespace(variants=["resnet18", "resnet34", "vgg11"])


def test_a_box_picks_its_variants_once(opened: list[Link]) -> None:
    event = points(2, 0, 2, -1)
    assert view._picked(STATE, DRAWN, event) == [2, 0]
    assert view._picked(STATE, DRAWN, None) == []
    assert opened == []


def test_a_click_opens_a_variant_or_a_published_network(opened: list[Link]) -> None:
    view._picked(STATE, DRAWN, points(1))
    view._picked(STATE, DRAWN, {"selection": {"points": [{"customdata": [-1, "alexnet"]}]}})
    assert [link.url for link in opened] == ["/explore?net=resnet34", "/explore?net=alexnet"]


def test_a_box_around_one_variant_does_not_open_it(opened: list[Link]) -> None:
    event = points(1)
    event["selection"]["box"] = [{"x": [0, 1]}]
    assert view._picked(STATE, DRAWN, event) == [1]
    assert opened == []
