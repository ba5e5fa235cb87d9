"""What is analysed ahead is what the next turn asks for, and nothing where that cannot be known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from viz.explore import prefetch
from viz.explore.address import ViewSettings
from viz.explore.prefetch import following
from viz.kit import choice as state
from viz.kit.choice import MAX_BATCH, Choice

WIDTH = Choice("resnet50", {"stem_width": 72})


@pytest.mark.parametrize(
    ("before", "now", "after"),
    [
        (Choice("resnet50"), WIDTH, replace(WIDTH, knobs={"stem_width": 80})),
        (replace(WIDTH, knobs={"stem_width": 80}), WIDTH, Choice("resnet50")),  # back at the published value, which a choice leaves out
        (Choice("mobilenet_v2", {"width_mult": 0.5}), Choice("mobilenet_v2", {"width_mult": 0.6}), Choice("mobilenet_v2", {"width_mult": 0.7})),
        (WIDTH, replace(WIDTH, batch=3), replace(WIDTH, batch=5)),
        (replace(WIDTH, side=224), replace(WIDTH, side=192), replace(WIDTH, side=160)),
    ],
)
def test_a_number_turns_on_by_the_same_step(before: Choice, now: Choice, after: Choice) -> None:
    assert following(before, now) == after


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (WIDTH, WIDTH),
        (Choice("resnet50"), replace(WIDTH, batch=2)),  # two at once: a link, not a turn
        (Choice("resnet50"), Choice("resnet50", {"stem_width": 72, "se_ratio": 16})),
        (Choice("resnet18"), Choice("resnet50", {"stem_width": 72})),
        (Choice("resnet50"), Choice("resnet50", {"stem_width": 16384})),  # the next would be out of range
        (replace(WIDTH, batch=1), replace(WIDTH, batch=MAX_BATCH)),
        (replace(WIDTH, side=40), replace(WIDTH, side=20)),  # the next picture would have no pixels
        (WIDTH, replace(WIDTH, training=True)),
        (WIDTH, replace(WIDTH, dtype="float16")),
    ],
)
def test_nothing_follows(before: Choice, now: Choice) -> None:
    assert following(before, now) is None


def test_only_a_step_that_was_repeated_is_continued(monkeypatch: pytest.MonkeyPatch) -> None:
    prepared: list[Choice] = []
    monkeypatch.setattr(prefetch, "prepare", prepared.append)
    steps = [Choice("resnet50", {"stem_width": width}) for width in (72, 80, 88, 120)]
    prefetch.prefetch([], steps[0])  # no turn was made
    prefetch.prefetch(steps[:1], steps[1])
    prefetch.prefetch([steps[0], steps[2]], steps[3])
    assert not prepared
    prefetch.prefetch(steps[:2], steps[2])
    assert prepared == [Choice("resnet50", {"stem_width": 96})]


@pytest.mark.parametrize("choice", [Choice("resnet50", {"stem_width": 88}), Choice("inverted_residual", {"kernel_size": 7})])
def test_what_is_prepared_is_found_again(choice: Choice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefetch, "current_view", ViewSettings)
    prefetch.prepare(choice)
    monkeypatch.setattr(state, "analyse", None)  # nothing is analysed any more
    state.analysed(choice)


@pytest.mark.parametrize("knobs", [{"groups": 3}, {"stem_width": 0}])
def test_what_cannot_be_analysed_is_not_said_yet(knobs: dict[str, Any]) -> None:
    prefetch.prepare(Choice("resnet50", knobs))
