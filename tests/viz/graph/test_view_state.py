"""What the browser sends is a wish, not a command: whatever does not fit is forgotten."""

from __future__ import annotations

import pytest

from blocks import analyse
from viz.graph.fold import Fold
from viz.graph.readings import Readings
from viz.graph.view_state import ViewState, open_items, parse_view_state, without_missing_tensor


@pytest.fixture(scope="module")
def resnet() -> tuple[object, Fold, Readings]:
    analysis = analyse("resnet18")
    return analysis, Fold(analysis.graph), Readings(analysis)


@pytest.mark.parametrize("raw", [None, 5, "text", [], {}, {"of": "other", "open": ["stages.0"]}, {"of": ["resnet18"]}])
def test_a_wish_that_is_none_opens_at_stage_level(raw: object) -> None:
    assert parse_view_state(raw, "resnet18", "LR") == ViewState("resnet18", "stage", direction="LR")


def test_a_level_outlives_a_change_of_network() -> None:
    assert parse_view_state({"of": "other", "level": "block", "open": ["x"], "selected": "y"}, "resnet18", "TB") == ViewState("resnet18", "block")


def test_strange_values_are_dropped_one_by_one() -> None:
    raw = {"of": "n", "level": "all", "open": ["a", 5, None], "selected": 7, "ref": {}, "find": "x" * 1000, "direction": "UP", "export": {"format": "exe"}}
    wish = parse_view_state(raw, "n", "TB")
    assert wish == ViewState("n", "", frozenset({"a"}), None, None, "x" * 100, None, "TB", {})


@pytest.mark.parametrize("ref", ["", "1", "1.0.0", "-1.0", "x.y", "99999.0", "1.7", "１.0"])
def test_a_tensor_that_the_graph_lacks_is_forgotten(resnet: tuple, ref: str) -> None:
    assert without_missing_tensor(ViewState("resnet18", ref=ref), resnet[1]).ref is None


def test_to_reveal_opens_what_is_around(resnet: tuple) -> None:
    _, fold, _ = resnet
    open = open_items(ViewState("resnet18", "stage", reveal="stages.1.0.body.0"), fold)
    assert "stages.1.0.body.0" in {i.id for i in fold.visible(open)[0]}
