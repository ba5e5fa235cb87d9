"""Profiles of a session: the newest of each choice, a bounded number of them."""

from __future__ import annotations

from typing import Any

import pytest

from viz.kit import measured_times
from viz.kit.choice import Choice


class FakeProfile:
    def __init__(self, by_node: dict[int, float]) -> None:
        self.by_node = by_node


@pytest.fixture(autouse=True)
def _session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured_times.st, "session_state", {})


def keep(choice: Choice, seconds: float) -> None:
    profile: Any = FakeProfile({0: seconds})
    measured_times.keep_profile(choice, profile)


def test_the_newest_of_a_choice_is_kept() -> None:
    assert measured_times.times_of(Choice("resnet18")) is None
    keep(Choice("resnet18"), 0.1)
    keep(Choice("resnet18"), 0.2)
    assert measured_times.times_of(Choice("resnet18")) == {0: 0.2}
    assert measured_times.times_of(Choice("resnet18", batch=2)) is None


def test_the_oldest_is_dropped() -> None:
    for batch in range(1, 11):
        keep(Choice("resnet18", batch=batch), batch)
    assert measured_times.profile_of(Choice("resnet18", batch=1)) is None
    assert measured_times.times_of(Choice("resnet18", batch=10)) == {0: 10}
