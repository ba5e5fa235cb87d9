"""What the browser gets for one view: the picture, its items, the card, the search."""

from __future__ import annotations

import pytest

from blocks import analyse
from blocks.analysis import Analysis
from viz.graph.fold import Fold
from viz.graph.payload import payload, search_items, search_text, shared_scale
from viz.graph.readings import Readings
from viz.graph.view_state import ViewState, parse_view_state


@pytest.fixture(scope="module")
def resnet() -> tuple[Analysis, Fold, Readings]:
    analysis = analyse("resnet18")
    return analysis, Fold(analysis.graph), Readings(analysis)


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


def test_one_scale_for_all_graphs_of_a_page() -> None:
    pictures = {}
    for name in ("resnet18", "resnet34"):
        analysis = analyse(name)
        pictures[name] = Fold(analysis.graph), Readings(analysis)
    scale = shared_scale(pictures)
    for fold, readings in pictures.values():
        assert all(readings.of(item)["macs"] <= scale["macs"] for item in fold.visible(fold.preset("stage"))[0])


def test_an_operation_is_found_by_its_function_and_a_module_is_not(resnet: tuple) -> None:
    _, fold, _ = resnet
    assert "adaptive_avg_pool2d" in next(search_text(item, fold) for item in fold.items.values() if item.id.endswith("/adaptive_avg_pool2d"))
    assert "conv2d" not in search_text(fold.items["stages.1"], fold)
