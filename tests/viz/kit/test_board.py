"""The board of variants: links, names, colours, moves."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from blocks.knobs import KnobError
from viz.kit.board import Board, board_of, board_problems, sides, variant_names, with_knobs
from viz.kit.choice import Choice
from viz.kit.examples import EXAMPLES
from viz.kit.links import LONGEST_VARIANT, Variant, compare_link, read_variants


def board(*choices: Choice) -> Board:
    made = Board()
    for choice in choices:
        made.add(choice)
    return made


def test_a_fifth_variant_is_refused() -> None:
    full = board(*(Choice("resnet18", {"num_classes": n}) for n in (2, 3, 5, 7, 11, 13)))
    assert full.full
    with pytest.raises(KnobError, match="at most 6"):
        full.add(Choice())


def test_colours_stay_with_their_variant_and_come_back_when_free() -> None:
    b = board(Choice("resnet18"), Choice("resnet34"), Choice("resnet50"))
    first, second, third = b.slots
    b.move(third, -2)
    b.move(first, 5)
    assert [s.colour for s in b.slots] == [2, 1, 0]
    b.remove(second)
    assert b.duplicate(first, se_ratio=8).colour == 1
    again, _ = board_of(b.query())
    assert [(s.choice, s.colour) for s in again.slots] == [(s.choice, s.colour) for s in b.slots]


def test_two_variants_of_a_link_never_share_a_colour() -> None:
    found, _ = read_variants([urlencode({"net": "resnet18", "_c": c}) for c in ("1", "1", "x", "99")])
    assert len({v.colour for v in found}) == 4
    assert found[0].colour == 1


def test_names_say_what_sets_apart() -> None:
    assert variant_names([(Choice("resnet50", {"se_ratio": r}), "") for r in (4, 8)]) == ["resnet50 r=4", "resnet50 r=8"]
    assert variant_names([(Choice("resnet50"), ""), (Choice("resnet34"), ""), (Choice("resnet50", side=64), "mine")]) == ["resnet50", "resnet34", "mine"]
    assert variant_names([(Choice("vgg11", dtype="float16"), ""), (Choice("vgg11", training=True), "")]) == [
        "vgg11 dtype=float16",
        "vgg11 dtype=float32 training",
    ]


def test_what_is_as_published_leaves_the_knobs() -> None:
    assert with_knobs(Choice("resnet50", {"se_ratio": 8}), se_ratio=0, groups=2).knobs == {"groups": 2}


def test_a_variant_that_cannot_run_keeps_its_letter_and_the_others_theirs() -> None:
    b = board(Choice("alexnet", side=20), Choice("resnet18"))
    assert [side.letter for side in sides(b)] == ["B"]
    assert len(board_problems(b)) == 1
    assert board_problems(b)[0].startswith("Variant 1 (A): ")
    assert "smallest resolution that works is 63" in board_problems(b)[0]


def test_a_part_of_a_link_may_be_as_long_as_the_longest_choice() -> None:
    from blocks import catalog

    everything = {k.name: str(k.default if k.kind != "ints" else ",".join(map(str, k.default))) for k in catalog.knobs("resnet152")}
    assert len(urlencode(everything)) < LONGEST_VARIANT / 2


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.title)
def test_every_question_opens_without_a_complaint(example: object) -> None:
    query = tuple(example.link.query)  # type: ignore[attr-defined]
    assert 2 <= len(query) <= 4
    opened, problems = board_of(query)
    assert problems == []
    assert len(sides(opened)) == len(query)
    assert board_problems(opened) == []
    assert opened.query() == query


def test_labels_are_one_short_line() -> None:
    (variant,), _ = read_variants([urlencode({"net": "resnet18", "label": "  a\nb  " + "c" * 100})])
    assert variant.label == "a b " + "c" * 56
    assert read_variants([value for _, value in compare_link([Variant(Choice(), "x & y = z?")]).query])[0][0].label == "x & y = z?"
