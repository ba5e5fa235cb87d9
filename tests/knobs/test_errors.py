"""Rules between knobs: refused with the argument, the value, the rule and values that work."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.knobs.errors import KnobError, require, require_divides, require_one_a_stage, unknown_knob


@given(st.integers(1, 40), st.integers(1, 400), st.integers(1, 400))
def test_a_divisor_is_refused_just_where_it_does_not_divide_and_what_is_proposed_does(divisor: int, a: int, b: int) -> None:
    if a % divisor == 0 == b % divisor:
        require_divides("groups", divisor, c_in=a, c_out=b)
        return
    with pytest.raises(KnobError, match="must divide") as refused:
        require_divides("groups", divisor, c_in=a, c_out=b)
    assert refused.value.nearest
    assert all(a % d == 0 == b % d for d in refused.value.nearest)


def test_a_rule_that_holds_says_nothing() -> None:
    require(True, "depth", 3, "must be odd")
    with pytest.raises(KnobError, match=r"depth = 4: must be odd. Nearest: 3 or 5."):
        require(False, "depth", 4, "must be odd.", [3, 5])


def test_a_list_needs_one_entry_for_each_stage() -> None:
    require_one_a_stage("depths", (1, 2), 2)
    for values, fitting in (((1, 2, 3), (1, 2)), ((4,), (4, 4))):
        with pytest.raises(KnobError) as refused:
            require_one_a_stage("depths", values, 2)
        assert refused.value.nearest == (fitting,)


def test_an_unknown_knob_has_the_known_ones_and_the_nearest() -> None:
    error = unknown_knob("resnet50", "se_ration", 16, ["se_ratio", "groups"])
    assert str(error) == "se_ration = 16: resnet50 has no such knob; it has se_ratio, groups. Nearest: se_ratio."


def test_what_was_given_is_repeated_in_short() -> None:
    error = KnobError("x" * 5000, "9" * 5000, "must be a number")
    assert len(str(error)) < 200
    assert error.value == "9" * 5000
