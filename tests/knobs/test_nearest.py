"""Nearest names: beginnings first, then likeness, and never something that was not offered."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from blocks.knobs.nearest import letters_of, natural_order, nearest_names

NAMES = ["resnet18", "resnet101", "resnet50", "wide_resnet50_2", "mobilenet_v2", "vgg16"]


def test_what_begins_with_the_text_comes_first() -> None:
    assert nearest_names("resnet", NAMES) == ["resnet18", "resnet50", "resnet101"]
    assert nearest_names("ResNet-50", NAMES, 2) == ["resnet50", "wide_resnet50_2"]


def test_a_mistyped_name_is_found() -> None:
    assert nearest_names("moblienet_v2", NAMES)[0] == "mobilenet_v2"
    assert nearest_names("kernel_sise", ["kernel_size", "stride"]) == ["kernel_size"]


def test_nothing_alike_is_nothing() -> None:
    assert nearest_names("qqqq", NAMES) == []
    assert nearest_names("", NAMES) == []


@given(st.lists(st.text(max_size=12), max_size=8), st.text(max_size=12), st.integers(0, 4))
def test_only_offered_names_each_once_and_no_more_than_asked(names: list[str], name: str, most: int) -> None:
    found = nearest_names(name, dict.fromkeys(names), most)
    assert len(found) == len(set(found)) <= most
    assert set(found) <= set(names)
    if letters_of(name) and name in names and most:
        assert letters_of(name) in letters_of(found[0])


def test_any_text_has_a_place() -> None:
    assert natural_order("x²") == [(True, 0, "x²")]
    assert sorted(["a" + "9" * 5000, "a10", "a9", "a²"], key=natural_order) == ["a9", "a10", "a" + "9" * 5000, "a²"]


def test_numbers_are_ordered_by_value() -> None:
    assert sorted(NAMES, key=natural_order)[1:4] == ["resnet18", "resnet50", "resnet101"]
