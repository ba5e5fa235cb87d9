"""The Compare page's address: its variants, else the first example."""

from __future__ import annotations

from viz.kit.board_session import _continue, read_board
from viz.kit.choice import Choice
from viz.kit.examples import EXAMPLES


def test_an_address_without_variants_opens_the_first_example() -> None:
    board, problems = read_board((("x", "1"),))
    assert problems == []
    assert tuple(board.query()) == tuple(EXAMPLES[0].link.query)


def test_an_address_that_names_a_network_as_other_pages_do_opens_it() -> None:
    board, problems = read_board((("net", "mobilenet_v2"), ("expansion", "5.5"), ("side", "192"), ("_tab", "memory"), ("v", "net=vgg11")))
    assert problems == []
    assert [slot.choice for slot in board.slots] == [Choice("mobilenet_v2", {"expansion": 5.5}, side=192), Choice("vgg11")]


def test_what_is_wrong_with_such_an_address_is_said() -> None:
    board, problems = read_board((("net", "mobilenet_v2"), ("colour", "red")))
    assert [slot.choice for slot in board.slots] == [Choice("mobilenet_v2")]
    assert ["colour = 'red'" in problem for problem in problems] == [True]


def test_a_new_address_gives_its_variants_new_numbers() -> None:
    before, _ = read_board((("v", "net=resnet18"), ("v", "net=vgg11")))
    after, _ = read_board((("v", "net=resnet34"), ("v", "net=vgg13")))
    _continue(after, None)
    assert [s.number for s in after.slots] == [s.number for s in before.slots]
    _continue(after, before)
    assert not {s.number for s in after.slots} & {s.number for s in before.slots}
