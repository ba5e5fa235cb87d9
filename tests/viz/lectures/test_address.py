"""What is open on the Lectures page reads back from its address."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from viz.kit.words import LANGUAGES
from viz.lectures import course
from viz.lectures.address import LecturePosition, read_position


@st.composite
def positions(draw: st.DrawFn) -> LecturePosition:
    language = draw(st.sampled_from(list(LANGUAGES)))
    lecture = draw(st.none() | st.sampled_from([found for found in course.lectures(language) if found.language == language]))
    if lecture is None:
        return LecturePosition(language)
    return LecturePosition(language, lecture, draw(st.integers(1, len(lecture.steps))), *(draw(st.booleans()) for _ in range(3)))


@settings(max_examples=100, deadline=None)
@given(positions())
def test_a_position_reads_back(position: LecturePosition) -> None:
    assert read_position(position.query()) == (position, [])
