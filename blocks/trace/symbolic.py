"""Numbers that remember how they were made.

:class:`SymInt` is an ``int`` and :class:`SymFloat` a ``float`` that carry a :class:`~blocks.trace.terms.Term`: layers accept them, arithmetic
keeps the term, and a comparison made on one is recorded as a condition of the formula (:func:`recording`).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from blocks.trace.terms import OPERATORS, Known, Number, Term, evaluate, simplified, symbols_in

_V = TypeVar("_V")

# --- Conditions ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison that went one way while a network was built or run: the formula holds while it still does."""

    op: str  # "eq", "ne", "lt", "le", "gt", "ge"
    left: Any
    right: Any
    truth: bool

    def symbols(self) -> set[str]:
        """Names of the symbols that the comparison depends on."""
        return symbols_in(self.left) | symbols_in(self.right)

    def holds(self, values: Mapping[str, Number], known: Known | None = None) -> bool:
        """Whether the comparison goes the same way with ``values`` for the symbols; ``known`` as in :func:`evaluate`."""
        return bool(OPERATORS[self.op](evaluate(self.left, values, known), evaluate(self.right, values, known))) is self.truth


_conditions: ContextVar[dict[Condition, None] | None] = ContextVar("conditions", default=None)


@contextmanager
def recording(outwards: bool = False) -> Iterator[dict[Condition, None]]:
    """Collect the conditions met in this thread (an ordered set: a dict's keys); ``outwards`` hands them to the recording around it too."""
    found: dict[Condition, None] = {}
    token = _conditions.set(found)
    try:
        yield found
    finally:
        _conditions.reset(token)
        if outwards:
            note_again(found)


def note_again(conditions: Iterable[Condition]) -> None:
    """Record conditions that were met before."""
    found = _conditions.get()
    if found is not None:
        found.update(dict.fromkeys(conditions))


def note(op: str, left: Any, right: Any, truth: bool) -> None:
    """Record one comparison, unless both sides are the same term."""
    found = _conditions.get()
    if found is None:
        return
    left, right = term_of(left), term_of(right)
    if left != right and (isinstance(left, Term) or isinstance(right, Term)):
        found[Condition(op, left, right, truth)] = None


# --- The numbers ---------------------------------------------------------------------------------


def term_of(value: Any) -> Any:
    """The term of a symbolic number; any other value as it is."""
    return value.term if isinstance(value, (SymInt, SymFloat)) else value


def plain(value: _V) -> _V:
    """``value`` without symbols: an ordinary int, float, tuple, list or slice."""
    given: Any = value  # a symbolic number is typed as the number that it is
    kind = type(given)
    if kind is int:
        return value
    found = given
    if kind is SymInt or kind is SymFloat:
        found = given.plain
    elif kind is tuple or kind is list:
        found = kind(plain(v) for v in given)
    elif kind is slice:
        found = slice(plain(given.start), plain(given.stop), plain(given.step))
    return cast(_V, found)


def is_symbolic(value: Any) -> bool:
    """Whether ``value`` carries a term."""
    return isinstance(value, (SymInt, SymFloat))


def symbol(name: str, value: int | float) -> Any:
    """A symbolic number called ``name`` that behaves as ``value``."""
    return _wrap(value, Term("sym", name))


def _wrap(value: Any, term: Any) -> Any:
    if type(term) is not Term:
        return value
    return SymFloat(value, term) if isinstance(value, float) else SymInt(value, term)


def _operator(compute: Callable[[Any, Any], Any], reflected: bool = False) -> Callable[[Any, Any], Any]:
    """A method that gives ``compute`` both operands, where the other one is a number."""

    def method(self: Any, other: Any) -> Any:
        if not isinstance(other, (int, float)):
            return NotImplemented
        return compute(other, self) if reflected else compute(self, other)

    return method


def _arithmetic(op: str, function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def compute(a: Any, b: Any) -> Any:
        return _wrap(function(plain(a), plain(b)), simplified(op, term_of(a), term_of(b)))

    return compute


_roundings: ContextVar[bool] = ContextVar("roundings", default=False)


@contextmanager
def roundings_kept() -> Iterator[None]:
    """While inside, quotients and roundings stay as they are: less readable, but they hold whether they come out even or not.

    A trace made so needs far fewer conditions; it is for counting many variants, not for reading.
    """
    token = _roundings.set(True)
    try:
        yield
    finally:
        _roundings.reset(token)


def are_roundings_kept() -> bool:
    """Whether this trace is made for counting many variants (:func:`roundings_kept`)."""
    return _roundings.get()


def quotient(a: Any, b: Any) -> int:
    """``a // b`` that stays readable: a/b while b divides a, (a-1)/2 while a is odd, and a floor otherwise."""
    pa, pb, ta, tb = plain(a), plain(b), term_of(a), term_of(b)
    value: int = pa // pb
    if not isinstance(ta, Term) and not isinstance(tb, Term):
        return value
    if _roundings.get():
        return cast(int, _wrap(value, Term("floordiv", ta, tb)))
    remainder = pa % pb
    if remainder == 0:
        if tb != 1:
            note("eq", SymInt(0, Term("mod", ta, tb)), 0, True)
        return cast(int, _wrap(value, simplified("div", ta, tb)))
    if pb == 2 and not isinstance(tb, Term):
        note("eq", SymInt(1, Term("mod", ta, 2)), 1, True)
        return cast(int, _wrap(value, Term("div", simplified("sub", ta, 1), 2)))
    return cast(int, _wrap(value, Term("floordiv", ta, tb)))


def _comparison(op: str) -> Callable[[Any, Any], Any]:
    def compute(a: Any, b: Any) -> Any:
        truth = OPERATORS[op](plain(a), plain(b))
        note(op, a, b, truth)
        return truth

    return compute


class _Arithmetic:
    """The operators that :class:`SymInt` and :class:`SymFloat` share."""

    plain: Any
    term: Any

    def __neg__(self) -> Any:
        return _wrap(-self.plain, Term("neg", self.term))

    def __bool__(self) -> bool:
        truth = bool(self.plain)
        note("ne", self, 0, truth)
        return truth

    def __repr__(self) -> str:
        return repr(self.plain)

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(self.plain, spec)

    def __reduce__(self) -> Any:  # pickles and deep copies are the number alone
        return (type(self.plain), (self.plain,))


_TERMS = {"add": "add", "sub": "sub", "mul": "mul", "truediv": "div", "mod": "mod", "pow": "pow"}  # Python's name of an operator, and the term's
for _name in (*_TERMS, "floordiv"):
    _compute = quotient if _name == "floordiv" else _arithmetic(_TERMS[_name], getattr(operator, _name))
    setattr(_Arithmetic, f"__{_name}__", _operator(_compute))
    setattr(_Arithmetic, f"__r{_name}__", _operator(_compute, reflected=True))
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(_Arithmetic, f"__{_name}__", _operator(_comparison(_name)))


class SymInt(_Arithmetic, int):
    """A whole number with the term that made it."""

    def __new__(cls, value: int, term: Any) -> SymInt:
        self = int.__new__(cls, value)
        self.plain = int(value) if type(value) is not int else value
        self.term = term
        return self

    __hash__ = int.__hash__


class SymFloat(_Arithmetic, float):
    """A real number with the term that made it; :func:`whole` turns it back into a whole number."""

    def __new__(cls, value: float, term: Any) -> SymFloat:
        self = float.__new__(cls, value)
        self.plain = float(value) if type(value) is not float else value
        self.term = term
        return self

    __hash__ = float.__hash__


# --- What blocks call ----------------------------------------------------------------------------


def named(name: str, value: Any) -> Any:
    """Give an intermediate such as ``C_mid = C_out // r`` a name that formulas keep, with a "where"."""
    if not isinstance(value, (SymInt, SymFloat)) or value.term.op in ("sym", "name"):
        return value
    return _wrap(value.plain, Term("name", name, value.term))


def call(function: Callable[..., Any], label: str, *args: Any) -> Any:
    """``function(*args)``, shown in formulas as ``label(args)``; for roundings that have no closed form."""
    value = function(*(plain(a) for a in args))
    if not any(isinstance(a, (SymInt, SymFloat)) for a in args):
        return value
    return _wrap(value, Term("call", function, label, *(term_of(a) for a in args)))


def whole(value: Any) -> int:
    """A product such as t·C as a whole number: itself while it is whole, else rounded down to one."""
    if isinstance(value, SymFloat):
        if value.plain.is_integer() and not _roundings.get():
            note("eq", SymInt(0, Term("mod", value.term, 1)), 0, True)
            return SymInt(int(value.plain), value.term)
        return cast(int, call(math.floor, "floor", value))
    return value if isinstance(value, int) else math.floor(value)


def ceil_div(a: int, b: int) -> int:
    """The least whole number that is at least a/b; shown as a/b while b divides a, and as (a+1)/2 while a is odd."""
    if not _roundings.get():
        if plain(a) % plain(b) == 0:
            return quotient(a, b)
        if plain(b) == 2 and not is_symbolic(b):
            return quotient(a + 1, 2)
    return cast(int, call(_ceil_div, "ceil", a, b))


def _ceil_div(a: int, b: int) -> int:
    return -(-a // b)


def same_size(a: int, b: int) -> int:
    """One of two sizes that must agree (a residual addition); that they do becomes a condition."""
    if isinstance(a, SymInt) or isinstance(b, SymInt):
        note("eq", a, b, True)
    return a if isinstance(a, SymInt) else b
