"""Undo and redo, one setting at a time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viz.explore.turns import MOST_TURNS, Turns
from viz.kit.choice import Choice

SETTINGS = [Choice(batch=n) for n in range(1, 8)]


def turned_through(settings: list[Choice]) -> Turns:
    turns = Turns()
    for before in settings[:-1]:
        turns = turns.turned(before)
    return turns


@given(st.lists(st.sampled_from(SETTINGS), min_size=1, max_size=12), st.integers(0, 11))
def test_undone_and_redone_as_often_nothing_has_changed(settings: list[Choice], times: int) -> None:
    turns = start = turned_through(settings)
    times, now, seen = min(times, len(settings) - 1), settings[-1], [settings[-1]]
    for _ in range(times):
        now, turns = turns.undone(now)
        seen.append(now)
    assert seen == settings[::-1][: times + 1]
    for _ in range(times):
        now, turns = turns.redone(now)
    assert (now, turns) == (settings[-1], start)


def test_a_turn_after_an_undo_forgets_what_was_undone() -> None:
    now, turns = turned_through(SETTINGS[:3]).undone(SETTINGS[2])
    assert turns.turned(now) == Turns((SETTINGS[0], SETTINGS[1]))


def test_there_is_nothing_before_the_first_and_not_everything_is_remembered() -> None:
    with pytest.raises(IndexError):
        Turns().undone(Choice())
    with pytest.raises(IndexError):
        Turns().redone(Choice())
    assert len(turned_through([Choice(batch=n + 1) for n in range(MOST_TURNS + 50)]).past) == MOST_TURNS
