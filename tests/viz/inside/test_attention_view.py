"""What the attention panel draws and says."""

from __future__ import annotations

from typing import Any

import pytest

from viz.inside.attention_view import distance_rows, head_sentence, pane_data

MAP = {"height": 2, "width": 3, "pixels": "AAAAAAAA", "low": 0.0, "high": 0.5}


def answer(first: int = 1) -> dict[str, Any]:
    heads = [
        {"map": MAP, "class": 0.1 * n * first, "own": None if first else 0.05, "most": [1, n], "share": 0.2 + 0.1 * n, "distance": 20.5 + n} for n in range(3)
    ]
    return {
        "size": [2, 3],
        "first": first,
        "query": None if first else [1, 2],
        "heads": heads,
        "rollout": {"map": MAP, "class": 0.5 * first, "own": None if first else 0.6, "most": [0, 2], "share": 0.25},
        "layers": [17, 40],
        "distances": [[20.5, 21.5, None], [30.0, 31.0, 32.0]],
    }


def test_the_sentence_says_who_asks_and_what_the_head_gives() -> None:
    said = head_sentence(answer(), 2)
    assert said.startswith("The class token asks. Head 2: 20.00% to the class token; most of the patches, 40.00%, to (1, 2).")
    assert "looks 22.5 pixels far" in said
    assert "Rollout: 50.00% to the class token; most of the patches, 25.00%, to (0, 2)." in said
    assert said.endswith("each token would get 14.29%.")
    without = head_sentence(answer(0), 1)
    assert without.startswith("Patch (1, 2) asks. Head 1: 5.00% to itself; most of the other patches, 30.00%, to (1, 1).")
    assert "class token" not in without
    assert without.endswith("16.67%.")


def test_the_panel_has_a_tile_for_each_head() -> None:
    data = pane_data(answer(), b"png", 1)
    assert [one["small"] for one in data["heads"]] == ["0 · 20 px", "1 · 22 px", "2 · 22 px"]
    assert data["rollout"]["label"] == "Rollout, layers 1 to 2"
    assert (data["head"], data["size"], data["query"]) == (1, [2, 3], None)


def test_distances_are_rows_of_layer_and_head() -> None:
    assert distance_rows(answer()["distances"])[-1] == (2, 2, pytest.approx(32.0))
    assert len(distance_rows(answer()["distances"])) == 5
