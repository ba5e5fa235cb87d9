"""A knob checks values and reads them from text; what it writes it reads again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks import catalog
from blocks.knobs import KnobError
from blocks.knobs.knob import Knob


def knob(kind: str, default: Any, **rest: Any) -> Knob:
    return Knob("n", "n", "N", "", "Width", kind, default, **rest)


INT = knob("int", 4, low=1, high=63, odd=False)
INTS = knob("ints", (3, 4), low=1, high=9)


@given(st.integers(1, 63))
def test_a_whole_number_is_read_as_written(value: int) -> None:
    assert INT.parse(INT.text(value)) == value


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6).map(tuple))
def test_a_list_is_read_as_written(values: tuple[int, ...]) -> None:
    assert INTS.parse(INTS.text(values)) == values


@pytest.mark.parametrize("name", ["resnet50", "vit_b_16", "mnasnet1_0", "hourglass_residual"])
def test_every_default_is_read_as_written(name: str) -> None:
    for k in catalog.knobs(name):
        assert k.parse(k.text(k.default)) == k.default


@pytest.mark.parametrize(
    ("k", "value", "sentence"),
    [
        (INT, 64, "must lie between 1 and 63. Nearest: 63"),
        (INT, True, "must be a whole number"),
        (INT, 2.6, "must be a whole number. Nearest: 3"),
        (INTS, (), "must be a list of whole numbers"),
        (INTS, (3, 10), "each entry must lie between 1 and 9. Nearest: 3,9\\."),
        (knob("bool", False), 1, "must be True or False"),
        (knob("choice", "relu", values=("relu", "relu6", "gelu")), "rellu", "must be one of relu, relu6, gelu. Nearest: relu or relu6"),
        (knob("int", 3, low=1, high=9, odd=True), 4, "must be odd, .* Nearest: 3 or 5"),
    ],
)
def test_a_bad_value_is_refused_with_the_rule_and_what_works(k: Knob, value: Any, sentence: str) -> None:
    with pytest.raises(KnobError, match=sentence):
        k.check(value)


def test_text_that_is_no_value_is_refused() -> None:
    for k, text, wanted in ((INT, "x", "a whole number"), (INTS, "3,x", "whole numbers such as"), (knob("bool", True), "maybe", "true or false")):
        with pytest.raises(KnobError, match=wanted):
            k.parse(text)
