"""Bringing a row into sight: what the component is told."""

from __future__ import annotations

from typing import Any

import pytest

from viz.explore import row_in_sight


def test_the_table_is_named_as_streamlit_names_its_class(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(row_in_sight, "_mount", lambda **given: told.append(given))
    row_in_sight.in_sight("layers.table", 7, 2)
    assert told[0]["data"] == {"table": "layers-table", "row": 7, "n": 2}
    row_in_sight.in_sight("layers.table", 8, 3)
    assert told[0]["key"] == told[1]["key"], "one component per table: it remembers what it has shown"
