"""Expression trees: what a number was made of.

Terms are cheap to build while a network is traced, turned into SymPy only when one is read (:mod:`blocks.formulas.formula`),
and evaluated exactly with whole numbers.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

Number = int | float | Fraction


class Term:
    """A node of an expression tree: ``op`` and its arguments, which are terms or plain numbers."""

    __slots__ = ("_hash", "args", "op")

    def __init__(self, op: str, *args: Any) -> None:
        self.op = op
        self.args = args
        self._hash = hash((op, args))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, Term) and self._hash == other._hash and self.op == other.op and self.args == other.args

    def __repr__(self) -> str:
        return f"{self.op}({', '.join(map(repr, self.args))})"


#: What each kind of term computes.
OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "floordiv": operator.floordiv, "mod": operator.mod,
    "pow": operator.pow, "neg": operator.neg, "min": min, "max": max,
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
}  # fmt: skip


#: Values of terms that are known already, by the term's ``id``; each stands beside its term, which must live as long.
Known = dict[int, tuple[Term, Any]]


def evaluate(term: Any, values: Mapping[str, Number], known: Known | None = None) -> Any:
    """The exact value of ``term`` with ``values`` for its symbols; whole quotients stay whole numbers.

    ``known`` holds what was computed before with these same values. Terms are told apart as objects: to compare them would take longer than to compute them.
    """
    if type(term) is not Term:
        return term
    if known is None:
        known = {}
    elif id(term) in known:
        return known[id(term)][1]
    stack = [term]
    while stack:
        last = stack[-1]
        pending = [a for a in last.args if type(a) is Term and id(a) not in known]
        if pending:
            stack += pending
        else:
            stack.pop()
            known[id(last)] = last, _value(last, values, known)
    return known[id(term)][1]


def _value(term: Term, values: Mapping[str, Number], known: Known) -> Any:
    """The value of a term whose arguments' values are known."""
    op, args = term.op, term.args
    if op == "sym":
        return values[args[0]]
    found = [known[id(a)][1] if type(a) is Term else a for a in args]
    if op == "name":
        return found[1]
    if op == "call":
        return found[0](*found[2:])
    return _divide(*found) if op == "div" else OPERATORS[op](*found)


def in_order(term: Term, done: Container[Term]) -> Iterator[Term]:
    """``term`` and everything below it that is not in ``done``, each after its arguments; the caller adds each to ``done``.

    No recursion: the sum of a deep network's parameters is a chain of thousands of terms.
    """
    stack = [term]
    while stack:
        last = stack[-1]
        pending = [] if last in done else [a for a in last.args if isinstance(a, Term) and a not in done]
        if pending:
            stack += pending
            continue
        stack.pop()
        if last not in done:
            yield last


def _divide(a: Number, b: Number) -> Number:
    if type(a) is int and type(b) is int and b and not a % b:
        return a // b
    if isinstance(a, float) or isinstance(b, float):
        return a / b
    quotient = Fraction(a) / Fraction(b)
    return quotient.numerator if quotient.denominator == 1 else quotient


def symbols_in(term: Any) -> set[str]:
    """Names of the symbols that ``term`` depends on."""
    found: set[str] = set()
    seen: set[int] = set()
    stack = [term]
    while stack:
        t = stack.pop()
        if isinstance(t, Term) and id(t) not in seen:
            seen.add(id(t))
            if t.op == "sym":
                found.add(t.args[0])
            stack.extend(t.args)
    return found


@lru_cache(maxsize=1 << 15, typed=True)
def simplified(op: str, a: Any, b: Any) -> Any:
    """``Term(op, a, b)`` with the trivial cases taken out (x·1, x+0, x/1, x/x).

    Remembered, so that equal terms are mostly one object: a network repeats its blocks, and comparing one object is quick.
    """
    if op == "mul":
        if a == 0 or b == 0:
            return 0
        if a == 1:
            return b
        if b == 1:
            return a
    elif op == "add":
        if a == 0:
            return b
        if b == 0:
            return a
    elif op == "sub":
        if b == 0:
            return a
        if a == b:
            return 0
    elif op == "div":
        if b == 1:
            return a
        if a == b:
            return 1
    return Term(op, a, b)


def total_of(terms: Iterable[Any]) -> Term | Number:
    """The sum, as a balanced tree: a long chain would be too deep to walk."""
    level = [t for t in terms if not isinstance(t, (int, float)) or t]
    while len(level) > 1:
        level = [simplified("add", a, b) if isinstance(a, Term) or isinstance(b, Term) else a + b for a, b in _pairs(level)]
    total: Term | Number = level[0] if level else 0
    return total


def _pairs(level: list[Any]) -> Iterable[tuple[Any, Any]]:
    if len(level) % 2:
        level = [*level, 0]
    return zip(level[::2], level[1::2], strict=True)


def always(term: Any, value: Number) -> bool:
    """Whether ``term`` has this value whatever its symbols are (tested exactly at three far-apart points)."""
    return _always(term, value) if isinstance(term, Term) else bool(term == value)


@lru_cache(maxsize=8192)
def _always(term: Term, value: Number) -> bool:
    names = sorted(symbols_in(term))
    points = ({name: Fraction(10007 + 2 * i * step) for i, name in enumerate(names)} for step in (1, 53, 997))
    return all(evaluate(term, point) == value for point in points)
