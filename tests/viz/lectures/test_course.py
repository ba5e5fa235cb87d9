"""The course's order and how a lecture is found."""

from __future__ import annotations

from viz.lectures import course


def test_every_language_has_all_lectures_in_one_order() -> None:
    english = [lecture.name for lecture in course.lectures("en")]
    assert english == [lecture.name for lecture in course.lectures("zh")]
    assert [lecture.order for lecture in course.lectures("en")] == sorted(lecture.order for lecture in course.lectures("en"))


def test_a_language_without_a_file_shows_english() -> None:
    assert {lecture.language for lecture in course.lectures("fr")} == {"en"}


def test_a_lecture_is_found_by_its_name_and_by_each_family_that_it_covers() -> None:
    for lecture in course.lectures("en"):
        assert course.find_lecture(lecture.name, "en") == lecture
        for family in lecture.covers:
            assert course.find_lecture(family, "en") is not None


def test_a_name_is_never_a_path() -> None:
    assert course.find_lecture("../en/resnet", "en") is None
