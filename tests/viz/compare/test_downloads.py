"""The address that a report carries opens the same comparison."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import pytest
import streamlit as st

from viz.compare.downloads import page_address
from viz.kit.board import Board, board_of, sides
from viz.kit.choice import Choice


@pytest.mark.parametrize(("url", "root"), [("https://example.org:8501/compare?v=old", "https://example.org:8501"), (None, "")])
def test_the_address_opens_it_again(monkeypatch: pytest.MonkeyPatch, url: str | None, root: str) -> None:
    monkeypatch.setattr(st, "context", SimpleNamespace(url=url))
    board = Board()
    board.add(Choice("basic_block", {"c_in": 40}))
    board.add(Choice("bottleneck", batch=2))
    address = page_address(sides(board))
    assert address.startswith(f"{root}/compare?")
    again, problems = board_of(tuple(parse_qsl(urlsplit(address).query)))
    assert problems == []
    assert [s.choice for s in again.slots] == [s.choice for s in board.slots]
