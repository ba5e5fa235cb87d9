"""Numbers that remember how they were made, and the conditions that comparisons record."""

from __future__ import annotations

from fractions import Fraction

import pytest

from blocks.trace.symbolic import ceil_div, note_again, plain, quotient, recording, roundings_kept, same_size, symbol, term_of, whole
from blocks.trace.terms import Term, always, evaluate, in_order, simplified, symbols_in

VALUES = {"a": 12, "b": 5}


@pytest.fixture
def numbers():
    return symbol("a", 12), symbol("b", 5)


@pytest.mark.parametrize(
    "function", [lambda a, b: a + 2 * b - 1, lambda a, b: (a * b) // 7, lambda a, b: a % b, lambda a, b: -(a**2) + b, lambda a, b: 100 - b * a]
)
def test_arithmetic_keeps_the_term(numbers, function) -> None:
    result = function(*numbers)
    assert result == function(12, 5)
    assert evaluate(term_of(result), VALUES) == plain(result)
    other = {"a": 31, "b": 8}
    assert evaluate(term_of(result), other) == function(31, 8)


def test_plain_takes_the_symbols_out(numbers) -> None:
    assert [type(v) for v in plain(numbers)] == [int, int]
    assert plain([numbers[0], (numbers[1], "x")]) == [12, (5, "x")]


def test_comparisons_are_recorded_once_and_handed_outwards(numbers) -> None:
    a, b = numbers
    with recording() as outer:
        with recording(outwards=True) as inner:
            assert a > b
            assert a > b
            assert a != 3
        assert [(c.op, c.truth) for c in inner] == [("gt", True), ("ne", True)]
    assert list(outer) == list(inner)
    with recording() as again:
        note_again(outer)
    assert list(again) == list(outer)
    assert all(c.holds(VALUES) for c in again)
    assert not all(c.holds({"a": 1, "b": 5}) for c in again)


def test_quotients_stay_readable_while_they_come_out_even(numbers) -> None:
    a, b = numbers
    with recording() as conditions:
        assert term_of(quotient(a, 4)) == Term("div", Term("sym", "a"), 4)
        assert term_of(quotient(b, 2)) == Term("div", Term("sub", Term("sym", "b"), 1), 2)
        assert term_of(ceil_div(b, 2)).op == "div"
    assert all(c.holds(VALUES) for c in conditions)
    with roundings_kept():
        assert term_of(quotient(a, 4)).op == "floordiv"


def test_whole_numbers_and_equal_sizes(numbers) -> None:
    a, _ = numbers
    assert (whole(a * 0.5), whole(a * 0.3)) == (6, 3)
    with recording() as conditions:
        assert same_size(12, a) is a
    assert [c.op for c in conditions] == ["eq"]


def test_terms() -> None:
    a, b = Term("sym", "a"), Term("sym", "b")
    assert (simplified("mul", a, 1), simplified("mul", a, 0), simplified("add", 0, a), simplified("sub", a, a), simplified("div", a, a)) == (a, 0, a, 0, 1)
    assert evaluate(Term("div", a, 8), VALUES) == Fraction(3, 2)
    assert evaluate(Term("div", a, 4), VALUES) == 3
    assert symbols_in(Term("mul", a, Term("add", b, 1))) == {"a", "b"}
    done: set[Term] = set()
    for term in in_order(Term("add", Term("mul", a, b), a), done):
        assert all(part in done for part in term.args if isinstance(part, Term))
        done.add(term)
    assert always(Term("sub", Term("add", a, 2), a), 2)
    assert not always(Term("add", a, 2), 14)


def test_a_long_chain_is_no_recursion() -> None:
    total: object = 0
    for _ in range(5000):
        total = simplified("add", Term("sym", "a"), total) if total else Term("sym", "a")
    assert evaluate(total, VALUES) == 5000 * 12
