"""The Compare page's address: its variants, else the first example."""

from __future__ import annotations

from viz.kit.board_session import _continue, read_board
from viz.kit.examples import EXAMPLES


def test_an_address_without_variants_opens_the_first_example() -> None:
    board, problems = read_board((("x", "1"),))
    assert problems == []
    assert tuple(board.query()) == tuple(EXAMPLES[0].link.query)


def test_a_new_address_gives_its_variants_new_numbers() -> None:
    before, _ = read_board((("v", "net=resnet18"), ("v", "net=vgg11")))
    after, _ = read_board((("v", "net=resnet34"), ("v", "net=vgg13")))
    _continue(after, None)
    assert [s.number for s in after.slots] == [s.number for s in before.slots]
    _continue(after, before)
    assert not {s.number for s in after.slots} & {s.number for s in before.slots}
