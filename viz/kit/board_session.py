"""The Compare page's address: the board of this session's variants, to which other pages add."""

from __future__ import annotations

from viz.kit.address import Address, Query
from viz.kit.board import Board, board_of
from viz.kit.examples import EXAMPLES


def read_board(query: Query) -> tuple[Board, list[str]]:
    """The board of an address, the first example where it has no variants, and a sentence for each part that could not be used."""
    variants = tuple(pair for pair in query if pair[0] == "v")
    return board_of(variants or tuple(EXAMPLES[0].link.query))


def _continue(board: Board, before: Board | None) -> None:
    if before is not None:
        board.number_after(before)


COMPARE = Address("compare", read_board, Board.query, _continue, resumes=True)


def session_board() -> Board:
    """The board that other pages add to; no address is read."""
    return COMPARE.state(Board)
