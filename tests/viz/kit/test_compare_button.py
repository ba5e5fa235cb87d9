"""The button that adds a network to the comparison: what it adds, when it cannot, and the link beside it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.drawing import page_of
from viz.kit import compare_button
from viz.kit.board import Board
from viz.kit.choice import Choice

CHOICE = Choice("bottleneck", {"kernel_size": 5})


def with_board(monkeypatch: pytest.MonkeyPatch, *choices: Choice) -> tuple[AppTest, Board]:
    board = Board()
    for choice in choices:
        board.add(choice)
    monkeypatch.setattr(compare_button, "session_board", lambda: board)
    monkeypatch.setattr(compare_button, "add_to_board", board.add)
    monkeypatch.setattr(compare_button, "link_to", lambda link, label, **_: compare_button.st.caption(f"{label}: {len(link.query)}"))
    return page_of(compare_button.add_button, CHOICE).run(), board


def test_a_click_adds_exactly_what_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    app, board = with_board(monkeypatch)
    assert not app.caption
    app.button(key="basket.add").click().run()
    assert not app.exception
    assert [slot.choice for slot in board.slots] == [CHOICE]
    assert app.caption[0].value == "Compare 1: 1"


def test_the_hint_says_that_it_is_there_already(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Puts exactly this" in with_board(monkeypatch, Choice("bottleneck"))[0].button(key="basket.add").help
    assert "It is in the comparison already" in with_board(monkeypatch, CHOICE)[0].button(key="basket.add").help


def test_a_full_comparison_takes_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    app, _ = with_board(monkeypatch, *[Choice("resnet18")] * 6)
    button = app.button(key="basket.add")
    assert button.disabled
    assert button.help == "The comparison holds 6 variants; remove one there first."
