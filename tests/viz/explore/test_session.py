"""What the Explore page keeps: the last good network, the knob that turned last, new widgets for another network."""

from __future__ import annotations

import pytest

from blocks.knobs import KnobError
from viz.explore import session
from viz.explore.session import ExploreSession, base_of, settle
from viz.kit.choice import Choice, analysed

GOOD, TURNED = Choice("bottleneck"), Choice("bottleneck", {"kernel_size": 5})
BAD = Choice("bottleneck", {"groups": 7})


def test_a_good_choice_is_shown_and_remembered_with_what_turned() -> None:
    kept = ExploreSession()
    assert settle(kept, GOOD) == (GOOD, [])
    assert (kept.good, kept.before, kept.turned) == (GOOD, None, ())
    assert settle(kept, TURNED) == (TURNED, [])
    assert (kept.good, kept.before, kept.turned) == (TURNED, GOOD, ("kernel_size",))
    settle(kept, TURNED)
    assert (kept.before, kept.turned) == (None, ("kernel_size",)), "a run without a change still shows what turned last"


def test_a_bad_choice_leaves_the_last_good_one_with_a_sentence() -> None:
    kept = ExploreSession()
    settle(kept, TURNED)
    shown, (sentence,) = settle(kept, BAD)
    assert shown == TURNED
    assert "groups" in sentence
    assert (kept.choice, kept.good) == (BAD, TURNED)


def test_a_first_choice_that_fails_shows_the_network_as_published(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, problems = settle(ExploreSession(), BAD)
    assert shown == GOOD
    assert len(problems) == 1

    def fails(_: Choice) -> None:
        raise KnobError("name", "bottleneck", "cannot be read any more")

    monkeypatch.setattr(session, "analysed", fails)
    monkeypatch.setattr("viz.kit.choice.analysed", fails)
    assert settle(ExploreSession(), BAD)[0] is None


def test_another_network_gets_new_widgets() -> None:
    kept = ExploreSession(turned=("groups",), refused=["no"])
    before = kept.prefix
    kept.renew_widgets()
    assert kept.prefix != before
    assert (kept.turned, kept.refused) == ((), [])


def test_changes_are_against_the_network_as_published() -> None:
    assert base_of(GOOD) is None
    base = base_of(Choice("bottleneck", {"kernel_size": 5}, batch=2))
    assert base is analysed(Choice("bottleneck", batch=2))
