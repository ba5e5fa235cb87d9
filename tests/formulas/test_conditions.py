"""Where a formula holds, as a lecturer would say it: nothing that is true anyway, and nothing twice."""

from __future__ import annotations

import random

import pytest

from blocks import analyse, catalog
from blocks.formulas.conditions import merged, pinned
from blocks.formulas.entailment import Entailment, _pair
from blocks.formulas.polynomial import Normaliser, add
from blocks.trace.symbolic import Condition
from blocks.trace.terms import Term

C, D, G, K, Q = (Term("sym", name) for name in ("C", "D", "g", "k", "q"))
RANGES = {"C": (1, 512), "D": (1, 512), "g": (1, 64), "q": (0.05, 0.95), "z": (0.0, 1.0)}


def decided(op, left, right, truth, *equalities):
    after = Normaliser()
    return Entailment(after, [add(after(a), after(b), -1) for a, b in equalities], RANGES).decides(Condition(op, left, right, truth))


def test_a_share_of_a_width_is_less_than_the_width():
    part = Term("mul", C, Q)
    assert decided("lt", part, C, True)
    assert decided("gt", Term("sub", C, part), 0, True)
    assert decided("ge", part, C, False)
    assert not decided("lt", part, D, True)


def test_a_share_that_may_be_nothing_is_not_taken_for_something():
    assert not decided("gt", Term("mul", C, Term("sym", "z")), 0, True)
    assert decided("ge", Term("mul", C, Term("sym", "z")), 0, True)


def test_what_follows_from_an_equality_is_not_said():
    assert decided("eq", Term("mul", C, Q), Term("mul", D, Q), True, (C, D))
    assert not decided("eq", Term("mul", C, Q), Term("mul", D, Q), True)
    assert not decided("eq", C, D, True, (C, D))  # the equality itself


def test_a_name_is_what_it_stands_for():
    named = Term("name", "C_mid", Term("mul", C, 4))
    assert decided("eq", named, Term("mul", C, 4), True)
    assert decided("ge", named, C, True)


def test_a_rounding_is_left_open():
    rounded = Term("floordiv", C, 3)
    assert not decided("gt", rounded, 0, True)
    assert not decided("lt", rounded, C, True)


def test_conditions_of_one_kind_become_one():
    said = [r"r = 0", r"g \mid C_a", r"s = 1", r"p = 0", r"g \mid C_b", r"C_a = C_b", r"h \mid C_a", r"r = 0", r"C_a\,q \text{ whole}", r"t \text{ whole}"]
    assert merged(said) == [r"r = p = 0", r"g \mid C_a,\ C_b", r"s = 1", r"C_a = C_b", r"h \mid C_a", r"C_a\,q,\ t \text{ whole}"]


def test_nothing_is_lost_or_invented_by_merging():
    said = [r"C_a \geq 2", r"C_b \geq 2", r"C_c \geq 3", r"2 \mid H", r"H \bmod 8 = 3", r"n = 1\,000"]
    assert merged(said) == [r"C_a,\ C_b \geq 2", r"C_c \geq 3", r"2 \mid H", r"H \bmod 8 = 3", r"n = 1\,000"]
    assert merged([]) == []


def test_an_odd_kernel_is_its_knobs_own_rule():
    formula = analyse("bottleneck", symbolic=True).formula("macs")
    assert not any("odd" in c for c in formula.conditions)
    with pytest.raises(ValueError, match="odd"):
        formula.evaluate(kernel_size=4)


@pytest.mark.parametrize("name", catalog.names(kind="block"))
def test_what_is_not_said_is_true_wherever_the_rest_holds(name):
    """At random values within the knobs' ranges that keep the pins and the equalities, every comparison left out comes out as it did."""
    analysis = analyse(name, symbolic=True)
    if analysis.symbols is None:
        pytest.skip("no symbols")
    symbols, conditions = analysis.symbols, analysis.conditions
    fixed = pinned(conditions)
    after = Normaliser(fixed)
    equal = [add(after(c.left), after(c.right), -1) for c in conditions if c.op in ("eq", "ne") and (c.op == "eq") is c.truth]
    implied = Entailment(after, equal, symbols.ranges)
    left_out = [c for c in conditions if implied.decides(c)]
    r = random.Random(name)
    for _ in range(25):
        at = {s: _drawn(r, value, *symbols.ranges[s]) for s, value in symbols.values.items()} | fixed
        for a, b in filter(None, map(_pair, equal)):
            at[b] = at[a]
        for a, b in filter(None, map(_pair, equal)):
            at[a] = at[b]
        if any(at[a] != at[b] for a, b in filter(None, map(_pair, equal))):
            continue
        assert all(c.holds(at) for c in left_out)


def _drawn(r, value, low, high):
    low, high = 1 if low is None else low, 4096 if high is None else high
    return r.uniform(low, high) if isinstance(value, float) else r.randint(int(low), int(high))
