"""Text to numbers and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.knobs import KnobError
from viz.kit.parameters import finite_number, number_between, number_text, numbers_between, one_of, whole_number


@pytest.mark.parametrize("text", ["²", "x²", "٣", "1_0", " 1", "1.0", "", "-", "--1", "9" * 30])
def test_what_is_no_whole_number_in_ascii_digits_is_refused(text: str) -> None:
    with pytest.raises(KnobError, match="whole number between 1 and 7"):
        whole_number("batch", text, 1, 7)


@pytest.mark.parametrize(("text", "nearest"), [("0", "1"), ("-3", "1"), ("8", "7")])
def test_a_whole_number_out_of_range_is_refused_with_the_nearest(text: str, nearest: str) -> None:
    with pytest.raises(KnobError) as refused:
        whole_number("batch", text, 1, 7)
    assert nearest in str(refused.value).rpartition("between 1 and 7")[2]


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e999", "", "one"])
def test_what_is_not_finite_is_no_number(text: str) -> None:
    with pytest.raises(KnobError, match="must be a number"):
        finite_number("from", text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_reads_back(value: float) -> None:
    assert finite_number("from", number_text(value)) == value


def test_one_of_names_all() -> None:
    assert one_of("mode", "training", ["inference", "training"]) == "training"
    with pytest.raises(KnobError, match="inference, training"):
        one_of("mode", "dreaming", ["inference", "training"])


@pytest.mark.parametrize(("text", "nearest"), [("-5", "1"), ("1e30", "1000000")])
def test_a_number_out_of_range_is_refused_with_the_nearest(text: str, nearest: str) -> None:
    with pytest.raises(KnobError, match=f"between 1 and 1e\\+06. Nearest: {nearest}"):
        number_between("max.macs", text, 1, 1e6)


def test_several_numbers_are_as_many_as_the_example_has() -> None:
    assert numbers_between("abc", "1.2,1.1,1.5", 1, 2, "1.2,1.1,1.15", "must be three numbers") == (1.2, 1.1, 1.5)
    for text in ("1.2,1.1", "", "1,1,1,1", "1,1,x", "1,1,3"):
        with pytest.raises(KnobError):
            numbers_between("abc", text, 1, 2, "1.2,1.1,1.15", "must be three numbers")
