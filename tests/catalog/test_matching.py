"""Search by words: what is found, in which order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks import catalog
from blocks.catalog.matching import matching_names

ENTRIES = [catalog.entry(name) for name in catalog.names()]
NAMES = [e.name for e in ENTRIES]


@given(st.sampled_from(NAMES))
def test_a_name_finds_itself_first(name: str) -> None:
    assert matching_names(name, ENTRIES)[0] == name
    assert matching_names(name.upper().replace("_", " "), ENTRIES)[0] == name


@given(st.text(max_size=12))
def test_any_text_finds_names_of_the_catalog_each_once(text: str) -> None:
    found = matching_names(text, ENTRIES)
    assert len(found) == len(set(found))
    assert set(found) <= set(NAMES)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("resnet 50", "resnet50"),
        ("wide resnet", "wrn"),
        ("1512.03385", "resnet"),
        ("the paper by He et al 2015", ""),
    ],
)
def test_words_people_write(text: str, first: str) -> None:
    found = matching_names(text, ENTRIES)
    assert found
    assert any(name.startswith(first) for name in found[:5])


def test_numbers_count_as_whole_words_alone() -> None:
    assert "resnet18" in matching_names("18 resnet", ENTRIES)
    assert "resnet18" not in matching_names("1 resnet", ENTRIES)


def test_a_knobs_label_where_no_entry_has_the_words() -> None:
    assert catalog.entry("resnet18").knobs
    found = matching_names("least squeeze width", ENTRIES)
    assert "resnet18" in found


def test_nothing_is_found_for_nonsense() -> None:
    assert matching_names("xyzzyplugh", ENTRIES) == []
