"""What the server does beforehand is what the first page asks for."""

from __future__ import annotations

import importlib

import pytest

from viz.explore import warm_up
from viz.graph.fold import fold_of
from viz.kit import choice as choices
from viz.kit.choice import Choice, analysed


def test_the_first_page_finds_its_analysis(monkeypatch: pytest.MonkeyPatch) -> None:
    choices._kept.clear()
    warm_up.prepare_first_page(Choice("resnet18"))
    monkeypatch.setattr(choices, "analyse", None)  # nothing is analysed any more
    assert fold_of(analysed(Choice("resnet18")).graph).items


def test_what_the_pages_import_is_there() -> None:
    found = warm_up._imports_of_pages()
    assert {"viz.explore.graph_panel", "viz.atlas.map", "viz.lectures.show"} <= set(found)
    for name in found:
        importlib.import_module(name)


def test_a_fault_is_written_down_and_hurts_nobody(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(warm_up, "prepare_first_page", lambda _: 1 / 0)
    warm_up.warm_up_pages().join(60)
    assert "could not warm up" in caplog.text
