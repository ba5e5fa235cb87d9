"""What the bars of gates are sorted by, and what is said of them."""

from __future__ import annotations

from viz.inside.address import InsideState
from viz.inside.gates_view import bar_order, differing_sentence, gates_sentence
from viz.kit.choice import Choice

GATES = [0.5, 0.9, 0.1, 0.7, 0.3]
BESIDE = [0.55, 0.2, 0.1, 0.9, 0.31]


def test_bars_are_by_channel_size_or_difference() -> None:
    assert bar_order(GATES, BESIDE, "channel") == [0, 1, 2, 3, 4]
    assert bar_order(GATES, BESIDE, "size") == [1, 3, 0, 4, 2]
    assert bar_order(GATES, BESIDE, "difference") == [1, 3, 0, 4, 2]
    assert bar_order(GATES, None, "difference") == [0, 1, 2, 3, 4]


def test_the_largest_and_the_smallest_are_named() -> None:
    assert gates_sentence(GATES) == "Largest gates: 1 (0.9), 3 (0.7), 0 (0.5); smallest: 2 (0.1), 4 (0.3), 0 (0.5)."


def test_what_differs_between_two_pictures_is_named() -> None:
    state = InsideState(Choice("seresnet18"), beside="coffee")
    said = differing_sentence(GATES, BESIDE, state)
    assert said == "“Cat” and “Coffee” differ most in the gates 1 (0.9 and 0.2), 3 (0.7 and 0.9), 0 (0.5 and 0.55); on average by 0.192."
