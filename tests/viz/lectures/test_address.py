"""What is open on the Lectures page reads back from its address."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.language import LANGUAGES
from viz.lectures import course
from viz.lectures.address import LONGEST_ANSWER, LecturePosition, read_position


@st.composite
def positions(draw: st.DrawFn) -> LecturePosition:
    language = draw(st.sampled_from(list(LANGUAGES)))
    lecture = draw(st.none() | st.sampled_from([found for found in course.lectures(language) if found.language == language]))
    if lecture is None:
        return LecturePosition(language)
    answers = draw(st.dictionaries(st.sampled_from(["1.1", "3.2", "10.1"]), st.text(min_size=1).map(str.strip).filter(bool)))
    found = LecturePosition(language, lecture, draw(st.integers(1, len(lecture.steps))), *(draw(st.booleans()) for _ in range(5)))
    for place, text in answers.items():
        found = found.answered(place, text)
    return found


@settings(max_examples=100, deadline=None)
@given(positions())
def test_a_position_reads_back(position: LecturePosition) -> None:
    assert read_position(position.query()) == (position, [])


def test_an_answer_is_cut_to_what_a_link_can_hold_and_an_empty_one_goes() -> None:
    place = LecturePosition(lecture=course.lectures("en")[0]).answered("3.1", "x" * 1000)
    assert len(place.answer("3.1")) == LONGEST_ANSWER
    assert place.answered("3.1", "  ").answers == ()
    assert place.answer("9.9") == ""
