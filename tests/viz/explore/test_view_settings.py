"""How the Explore page is looked at: an address sets it, and it is read back."""

from __future__ import annotations

import pytest
import streamlit as st

from viz.explore.address import ViewSettings
from viz.explore.view_settings import current_view, show_view


@pytest.fixture(autouse=True)
def _state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {})


@pytest.mark.parametrize(
    "view",
    [
        ViewSettings(),
        ViewSettings({"count": "params", "tab": "memory", "graph": "tensors", "latency": "versus"}),
        ViewSettings({"count": "flops"}, opened=("stages.0", "head")),
        ViewSettings({}, opened=()),
    ],
)
def test_what_an_address_asks_for_is_what_is_shown(view: ViewSettings) -> None:
    show_view(view, "resnet18")
    assert current_view() == view


def test_what_an_address_leaves_out_is_as_the_page_opens() -> None:
    show_view(ViewSettings({"count": "params", "level": "block"}, opened=None), "resnet18")
    show_view(ViewSettings({"tab": "code"}), "resnet18")
    assert current_view() == ViewSettings({"tab": "code"})
