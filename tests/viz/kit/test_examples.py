"""The literature's questions open as comparisons of networks that exist."""

from __future__ import annotations

import pytest

from viz.kit.board import board_of
from viz.kit.examples import EXAMPLES, Example


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.title)
def test_an_example_opens_without_a_problem(example: Example) -> None:
    board, problems = board_of(tuple(example.link.query))
    assert problems == []
    assert 2 <= len(board.slots) <= 4
    assert len({slot.label for slot in board.slots}) == len(board.slots)
