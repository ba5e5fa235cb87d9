"""The Compare page's address: the board of this session's variants, to which other pages add."""

from __future__ import annotations

from viz.kit.address import Address, Query
from viz.kit.board import Board, board_of, names_network
from viz.kit.choice import Choice
from viz.kit.examples import EXAMPLES


def read_board(query: Query) -> tuple[Board, list[str]]:
    """The board of an address, the first example where it names no network, and a sentence for each part that could not be used."""
    named = names_network(query) or any(name == "v" for name, _ in query)
    return board_of(query if named else tuple(EXAMPLES[0].link.query))


def _continue(board: Board, before: Board | None) -> None:
    if before is not None and before is not board:
        board.number_after(before)


def _begin(network: Choice) -> Board:
    board = Board()
    board.add(network)
    return board


def _follow(board: Board, network: Choice) -> Board:
    """A board that holds nothing begins with the network that the user looked at."""
    return board if board.slots else _begin(network)


COMPARE = Address("pages/compare.py", read_board, Board.query, _continue, spelled=True, follow=_follow, begin=_begin)


def session_board() -> Board:
    """The board that other pages add to; no address is read."""
    return COMPARE.state(Board)


def add_to_board(network: Choice) -> None:
    """Add a variant from another page. Raises KnobError where the board is full."""
    board = session_board()
    board.add(network)
    COMPARE.update(board)
