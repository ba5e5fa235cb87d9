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


@pytest.mark.parametrize("name", NAMES)
def test_a_title_finds_its_entry_first(name: str) -> None:
    title = catalog.entry(name).title
    assert catalog.entry(matching_names(title, ENTRIES)[0]).title == title


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("resnet", ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"]),  # not their variants with another family's norm
        ("resn", ["resnet18", "resnet34", "resnet50"]),
        ("inception", ["inception_resnet_v2", "inception_v3", "inception_v4"]),  # networks before their parts
        ("bottleneck", ["bottleneck"]),
    ],
)
def test_of_equals_the_family_so_called_and_its_networks_come_first(typed: str, first: list[str]) -> None:
    assert matching_names(typed, ENTRIES)[: len(first)] == first


@pytest.mark.parametrize("typed", ["re", "mo", "de"])
def test_the_first_letters_typed_find_names_that_begin_with_them(typed: str) -> None:
    found = matching_names(typed, ENTRIES)
    assert found
    assert catalog.entry(found[0]).kind == "model"


def test_numbers_count_as_whole_words_alone() -> None:
    assert "resnet18" in matching_names("18 resnet", ENTRIES)
    assert "resnet18" not in matching_names("1 resnet", ENTRIES)


def test_a_knobs_label_where_no_entry_has_the_words() -> None:
    assert catalog.entry("resnet18").knobs
    found = matching_names("minimum squeeze width", ENTRIES)
    assert "resnet18" in found


def test_nothing_is_found_for_nonsense() -> None:
    assert matching_names("xyzzyplugh", ENTRIES) == []
