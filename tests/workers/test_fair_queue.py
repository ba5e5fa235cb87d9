"""Lines of sessions that take turns, against the order of a simple model."""

from __future__ import annotations

from itertools import zip_longest

from hypothesis import given
from hypothesis import strategies as st

from blocks.workers.fair_queue import FairQueue


@given(st.lists(st.sampled_from("abc"), max_size=12))
def test_sessions_take_turns_in_the_order_of_their_first_job(sessions: list[str]) -> None:
    queue = FairQueue()
    lines: dict[str, list[str]] = {}
    for i, session in enumerate(sessions):
        queue.add(session, str(i))
        lines.setdefault(session, []).append(str(i))
    expected = [job for turn in zip_longest(*lines.values()) for job in turn if job is not None]
    assert queue.order() == expected
    assert [queue.take() for _ in range(len(queue))] == expected
    assert queue.take() is None


def test_a_line_that_becomes_empty_is_gone() -> None:
    queue = FairQueue()
    queue.add("a", "1")
    assert queue.remove("1")
    assert not queue.remove("1")
    assert (len(queue), queue.order(), queue.take()) == (0, [], None)
