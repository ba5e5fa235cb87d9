"""Differences are computed once for the same two choices."""

from __future__ import annotations

from viz.compare.differences import _Pair, against_first
from viz.kit.board import Board, sides
from viz.kit.choice import Choice


def test_each_further_variant_is_compared_with_the_first_and_kept() -> None:
    board = Board()
    for name in ("basic_block", "bottleneck", "basic_block"):
        board.add(Choice(name))
    first, second = against_first(sides(board)), against_first(sides(board))
    assert len(first) == 2
    assert [a is b for a, b in zip(first, second, strict=True)] == [True, True]
    assert against_first(sides(board)[:1]) == []


def test_a_pair_has_an_order() -> None:
    a, b = Choice("resnet18"), Choice("resnet34")
    assert _Pair(a, b) == _Pair(Choice("resnet18"), Choice("resnet34"))
    assert _Pair(a, b) != _Pair(b, a)
    assert _Pair(a, b) != (a, b)
