"""A symbolic trace compiled for many knob values at once: its terms become a list of array operations.

Whole numbers stay whole (64 bits); a quotient that is not whole becomes a real number, as it does in the network's own code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from blocks.trace.symbolic import Condition
from blocks.trace.terms import Term

SymbolValues = dict[str, np.ndarray]
#: Above this a 64-bit float no longer tells whole numbers apart; such a row is left to a trace.
EXACT = float(2**53)


class ArrayProgram:
    """Terms in an order in which each comes after its parts. :meth:`run` gives an array for each, and which rows failed."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, tuple[Any, ...]]] = []
        self._slots: dict[object, int] = {}

    def add(self, term: object) -> int:
        """The place of ``term`` in what :meth:`run` returns; parts that terms share are computed once."""
        stack: list[tuple[object, bool]] = [(term, False)]
        while stack:
            t, ready = stack.pop()
            key = t if isinstance(t, Term) else (type(t), t)
            if key in self._slots:
                continue
            if not isinstance(t, Term):
                self._place(key, "number", (t,))
            elif t.op == "sym":
                self._place(key, "sym", t.args)
            elif ready:
                self._place(key, t.op, self._inner(t))
            else:
                stack.append((t, True))
                stack.extend((part, False) for part in self._parts(t))
        return self._slots[term if isinstance(term, Term) else (type(term), term)]

    @staticmethod
    def _parts(t: Term) -> Sequence[object]:
        return t.args[1:] if t.op == "name" else t.args[2:] if t.op == "call" else t.args

    def _inner(self, t: Term) -> tuple[object, ...]:
        places = tuple(self._slots[p if isinstance(p, Term) else (type(p), p)] for p in self._parts(t))
        return (t.args[0], *places) if t.op == "call" else places

    def _place(self, key: object, op: str, args: tuple[object, ...]) -> None:
        self._slots[key] = len(self.steps)
        self.steps.append((op, args))

    def run(self, values: Mapping[str, np.ndarray], rows: int) -> tuple[list[np.ndarray], np.ndarray]:
        """An array a step, and a mask of the rows in which no step went wrong (a division by zero, a function that refused)."""
        fine = np.ones(rows, dtype=bool)
        made: list[np.ndarray] = []
        with np.errstate(all="ignore"):
            for op, args in self.steps:
                if op == "number":
                    made.append(np.asarray(args[0]))
                elif op == "sym":
                    made.append(values[args[0]])
                elif op == "name":
                    made.append(made[args[0]])
                elif op == "call":
                    made.append(_called(args[0], [made[a] for a in args[1:]], fine))
                else:
                    made.append(_OPERATIONS[op](*(made[a] for a in args), fine))
        return made, fine


def _called(function: Callable[..., object], args: Sequence[np.ndarray], fine: np.ndarray) -> np.ndarray:
    """``function`` on each distinct combination of its arguments, as plain numbers."""
    known: dict[tuple[object, ...], object] = {}
    columns = [np.broadcast_to(a, fine.shape).tolist() for a in args]
    out: list[object] = []
    for i, key in enumerate(zip(*columns, strict=True)):
        if key not in known:
            try:
                known[key] = function(*key)
            except (ValueError, ZeroDivisionError, OverflowError):
                known[key] = None
        if known[key] is None:
            fine[i] = False
        out.append(known[key] or 0)
    return np.asarray(out)


def _nonzero(divisor: np.ndarray, fine: np.ndarray) -> np.ndarray:
    zero = divisor == 0
    fine &= ~zero
    return np.where(zero, 1, divisor)


def _divide(a: np.ndarray, b: np.ndarray, fine: np.ndarray) -> np.ndarray:
    b = _nonzero(b, fine)
    if a.dtype.kind in "iu" and b.dtype.kind in "iu":
        whole = a // b
        if np.array_equal(whole * b, np.broadcast_to(a, np.broadcast_shapes(a.shape, b.shape))):
            return whole
    return a / b


def _power(a: np.ndarray, b: np.ndarray, fine: np.ndarray) -> np.ndarray:
    del fine
    if a.dtype.kind in "iu" and b.dtype.kind in "iu" and np.all(b >= 0):
        return a**b
    return a.astype(float) ** b


_OPERATIONS: dict[str, Callable[..., np.ndarray]] = {
    "add": lambda a, b, _: a + b,
    "sub": lambda a, b, _: a - b,
    "mul": lambda a, b, _: a * b,
    "neg": lambda a, _: -a,
    "min": lambda a, b, _: np.minimum(a, b),
    "max": lambda a, b, _: np.maximum(a, b),
    "floordiv": lambda a, b, fine: a // _nonzero(b, fine),
    "mod": lambda a, b, fine: a % _nonzero(b, fine),
    "div": _divide,
    "pow": _power,
}

_COMPARISONS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
}


class CompiledConditions:
    """The conditions of a trace, compiled: which rows of knob values go the same way through the network's code."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self.program = ArrayProgram()
        self.tests = [(c.op, self.program.add(c.left), self.program.add(c.right), c.truth) for c in conditions]

    def hold(self, values: Mapping[str, np.ndarray], rows: int) -> np.ndarray:
        """A mask of the rows in which every comparison comes out as it did when the trace was made."""
        made, fine = self.program.run(values, rows)
        for op, left, right, truth in self.tests:
            fine &= np.broadcast_to(_COMPARISONS[op](made[left], made[right]) == truth, fine.shape)
        return fine
