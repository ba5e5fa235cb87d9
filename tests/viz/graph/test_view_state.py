"""What the browser sends is a wish, not a command: whatever does not fit is forgotten."""

from __future__ import annotations

import pytest

from blocks import analyse
from viz.graph.fold import Fold
from viz.graph.marks import item_marks, shown_marks
from viz.graph.payload import payload, search_items, shared_scale
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


def test_the_payload_is_what_the_browser_needs(resnet: tuple) -> None:
    analysis, fold, readings = resnet
    data = payload(analysis, fold, readings, ViewState("resnet18", "block", selected="stages.1.0"))
    shown = {i.id for i in fold.visible(fold.preset("block"))[0]}
    assert shown <= set(data["items"])
    assert data["view"]["open"] == sorted(fold.preset("block"))
    assert data["card"]["id"] == "stages.1.0"
    assert {o["id"] for o in data["overlays"]} >= {"", "params", "macs", "flops", "bytes", "memory", "intensity", "field"}
    assert data["error"] == ""


def test_what_was_revealed_stays_open_afterwards(resnet: tuple) -> None:
    analysis, fold, readings = resnet
    raw = {"of": "resnet18", "level": "stage", "reveal": "stages.1.0.body.0", "selected": "stages.1.0.body.0", "n": 4}
    told = payload(analysis, fold, readings, parse_view_state(raw, "resnet18", "TB"))["view"]
    again = payload(analysis, fold, readings, parse_view_state(told, "resnet18", "TB"))["view"]  # the page runs once more, with nothing new from the browser
    assert again == told
    assert (again["selected"], again["level"], again["n"]) == ("stages.1.0.body.0", "", 4)
    assert payload(analysis, fold, readings, parse_view_state(raw | {"reveal": "stages.1"}, "resnet18", "TB"))["view"]["level"] == "stage"


def test_a_state_that_shows_too_much_falls_back_with_a_sentence(resnet: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    analysis, fold, readings = resnet
    monkeypatch.setattr("viz.graph.fold.MAX_BOXES", 30)
    data = payload(analysis, fold, readings, ViewState("resnet18", "operation"))
    assert "boxes; up to 30 can be drawn. Close some modules" in data["error"]
    assert data["view"]["level"] == "stage"


def test_search_finds_by_name_path_and_kind(resnet: tuple) -> None:
    _, fold, _ = resnet
    open = fold.preset("stage")
    assert {hit["kind"] for hit in search_items(fold, "pool", open)} == {"pool"}
    assert all("stages.2" in hit["id"] for hit in search_items(fold, "stages.2 conv", open))
    assert search_items(fold, "stages.2 conv", open)[0]["shown"].startswith("stages.2")
    assert search_items(fold, "", open) == []
    assert search_items(fold, "<b>nothing</b>", open) == []


def test_marks_of_operations_become_marks_of_boxes(resnet: tuple) -> None:
    _, fold, _ = resnet
    first = fold.items["stages.1"]
    marks = item_marks(fold, dict.fromkeys(range(first.start, first.stop), "equal") | {first.start: "changed"} | {fold.items["stages.2"].start: "added"})
    shown = shown_marks(fold.visible(fold.preset("stage"))[0], marks)
    assert shown == {"stages.1": "changed", "stages.2": "added"}


def test_one_scale_for_all_graphs_of_a_page() -> None:
    pictures = {}
    for name in ("resnet18", "resnet34"):
        analysis = analyse(name)
        pictures[name] = Fold(analysis.graph), Readings(analysis)
    scale = shared_scale(pictures)
    for fold, readings in pictures.values():
        assert all(readings.of(item)["macs"] <= scale["macs"] for item in fold.visible(fold.preset("stage"))[0])
