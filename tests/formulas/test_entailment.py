"""Comparisons that ranges and equalities decide: never one that some value within them would turn."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.formulas.entailment import Entailment
from blocks.formulas.polynomial import Normaliser, add
from blocks.trace.symbolic import Condition, symbol, term_of

A, B = symbol("a", 4), symbol("b", 4)


def condition(op: str, left: object, right: object, truth: bool = True) -> Condition:
    return Condition(op, term_of(left), term_of(right), truth)


def decides(c: Condition, ranges: dict[str, tuple[float | None, float | None]] | None = None, equal: bool = False) -> bool:
    after = Normaliser()
    return Entailment(after, [add(after(term_of(A)), after(term_of(B)), -1)] if equal else [], ranges or {}).decides(c)


@pytest.mark.parametrize(
    ("op", "left", "right", "decided"),
    [
        ("ge", A, 1, True),
        ("gt", A, 1, False),
        ("gt", A * B + 1, 1, True),
        ("gt", 2 * A, A, True),
        ("ge", A, B, False),
        ("ne", A + B, 0, True),
        ("lt", A, 9, False),
        ("eq", A, 4, False),
    ],
)
def test_sizes_are_at_least_one(op: str, left: object, right: object, decided: bool) -> None:
    assert decides(condition(op, left, right)) is decided


def test_a_false_comparison_is_its_inverse() -> None:
    assert decides(condition("lt", A, 1, truth=False))
    assert not decides(condition("gt", A, 1, truth=False))


def test_a_knobs_ends_bound_it() -> None:
    assert decides(condition("le", A, 7), {"a": (2, 7)})
    assert not decides(condition("lt", A, 7), {"a": (2, 7)})
    assert not decides(condition("ge", A, 0), {"a": (None, None)})


def test_symbols_set_equal_are_one() -> None:
    assert decides(condition("ge", 2 * A, A + B), equal=True)
    assert not decides(condition("ge", 2 * A, A + B))
    assert not decides(condition("eq", A, B), equal=True), "one of the equalities itself is not decided by itself"
    assert decides(condition("eq", A * B + A, B * B + B), equal=True)


RANGES = {"a": (1, 3), "b": (2, 4)}
VALUES = [{"a": a, "b": b} for a, b in product(range(1, 4), range(2, 5))]


@given(st.integers(-3, 3), st.integers(-3, 3), st.integers(-3, 3), st.integers(-9, 9), st.sampled_from(["lt", "le", "gt", "ge", "ne"]))
def test_what_is_decided_holds_everywhere(i: int, j: int, k: int, n: int, op: str) -> None:
    c = condition(op, i * A + j * B + k * A * B, n)
    if decides(c, RANGES):
        assert all(c.holds(at) for at in VALUES)
