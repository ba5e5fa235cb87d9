"""Counts a network again at other knob values, to find which knobs a formula cannot follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from torch import nn

from blocks.formulas.formula import COUNTED, Formula
from blocks.formulas.symbols import OF_INPUT, Declared, size_places
from blocks.formulas.traced import Analyse, Traced
from blocks.knobs import Knob, KnobError
from blocks.trace.errors import TraceError
from blocks.trace.terms import evaluate

_QUICK = ("params", "macs", "flops")  # memory takes longer to count, and is asked for seldom


class Recount:
    """The counts of one network with one knob changed at a time; each is made once, by ``analyse``."""

    def __init__(self, traced: Traced, declared: Declared, analyse: Analyse) -> None:
        self.name = traced.name
        self.knobs = dict(traced.knobs or {})
        self.shape = traced.input_shape
        self.dtype, self.training = traced.dtype, traced.training
        self._declared = declared
        places = size_places(len(self.shape))
        self._dimensions = places | {OF_INPUT + name: dimension for name, dimension in places.items()}
        self._analyse = analyse
        self._counts: dict[tuple[str, object, bool], Mapping[str, int] | None] = {}

    @classmethod
    def of(cls, traced: Traced, declared: Declared, analyse: Analyse) -> Recount:
        """The recount of a traced network, shared by its formulas."""
        if traced.network not in _known:
            _known[traced.network] = cls(traced, declared, analyse)
        return _known[traced.network]

    def value(self, argument: str) -> Any:
        """The value at which the formula was derived."""
        return self.knobs[argument] if argument in self.knobs else self.shape[self._dimensions[argument]]

    def is_fixed(self, formula: Formula, argument: str) -> bool:
        """Whether a count at another value of ``argument`` differs from what the formula gives there.

        Where no other value can be counted under the formula's conditions, a knob that the formula does not mention is taken
        for fixed: nothing is claimed that was not checked.
        """
        for candidate in self._candidates(argument):
            at = formula.symbols.substituted({argument: candidate})
            if not all(c.holds(at) for c in formula.raw_conditions):
                continue
            counted = self._count(argument, candidate, formula.of)
            if counted is not None:
                return bool(evaluate(formula.term, at) != counted[formula.of])
        return not formula.depends_on(argument)

    def is_idle(self, formula: Formula, argument: str, symbol: str) -> bool:
        """Whether the formula gives the count at two other values of ``argument``, the conditions on ``symbol`` alone left aside."""
        others = [c for c in formula.met if not c.symbols() <= {symbol}]
        agreeing = 0
        for candidate in self._candidates(argument):
            at = formula.symbols.substituted({argument: candidate})
            counted = self._count(argument, candidate, formula.of) if all(c.holds(at) for c in others) else None
            if counted is not None:
                if evaluate(formula.term, at) != counted[formula.of]:
                    return False
                agreeing += 1
                if agreeing == 2:
                    return True
        return False

    def _candidates(self, argument: str) -> list[object]:
        """Other values of ``argument``, those first that most likely meet the formula's conditions."""
        value = self.value(argument)
        if argument in self._dimensions and argument not in self.knobs:
            return [2 * value, 3 * value, value + 1]
        knob = next(k for k in self._declared.knobs if k.name == argument)
        if knob.kind == "ints":
            return [v for i in range(len(value)) for v in (_replaced(value, i, value[i] * 2), _replaced(value, i, value[i] + 1)) if _allowed(knob, v)]
        step = knob.step or 1
        tries = [value + step, value * 2, value + 2 * step, value - step, value * 3, value + 1, value / 2 if knob.kind == "float" else value // 2, 1]
        return [v for v in dict.fromkeys(tries) if v != value and _allowed(knob, v)]

    def _count(self, argument: str, candidate: object, of: str = "macs") -> Mapping[str, int] | None:
        """The counts with ``argument`` at ``candidate``, ``of`` among them; None where the network cannot be built or run so."""
        key = (argument, candidate, of not in _QUICK)
        if key not in self._counts:
            self._counts[key] = self._counted(argument, candidate, of not in _QUICK)
        return self._counts[key]

    def _counted(self, argument: str, candidate: Any, with_memory: bool) -> Mapping[str, int] | None:
        knobs, shape = dict(self.knobs), list(self.shape)
        if argument in knobs:
            knobs[argument] = candidate
            for i, declared in enumerate(self._declared.input):
                if declared == argument:
                    shape[i] = candidate
        else:
            shape[self._dimensions[argument]] = candidate
        try:
            again = self._analyse(self.name, tuple(shape), dtype=self.dtype, training=self.training, **knobs)
        except (KnobError, TraceError):
            return None
        return {of: getattr(again, of) for of in (COUNTED if with_memory else _QUICK)}


_known: WeakKeyDictionary[nn.Module, Recount] = WeakKeyDictionary()


def _replaced(values: tuple[int, ...], place: int, value: int) -> tuple[int, ...]:
    return (*values[:place], value, *values[place + 1 :])


def _allowed(knob: Knob, value: object) -> bool:
    try:
        knob.check(value)
    except KnobError:
        return False
    return True
