"""Counting again at other knob values, to find which knobs a formula cannot follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from blocks.formulas.symbols import OF_INPUT
from blocks.knobs import Knob, KnobError
from blocks.trace.errors import TraceError
from blocks.trace.symbolic import evaluate

if TYPE_CHECKING:
    from blocks.analysis import Analysis
    from blocks.formulas.formula import Formula

_SIZES = {"batch": 0, "height": -2, "width": -1, "tokens": 1, "frames": 2}
_SIZE_PLACES = _SIZES | {OF_INPUT + name: place for name, place in _SIZES.items()}


class Probe:
    """Counts of one network with one knob turned, each made once."""

    def __init__(self, analysis: Analysis) -> None:
        self.name = analysis.name
        self.knobs = dict(analysis.knobs or {})
        self.shape = analysis.input_shape
        self.counts: dict[tuple[str, Any], Mapping[str, int] | None] = {}
        self.dtype, self.training = analysis.dtype, analysis.training

    @classmethod
    def of(cls, analysis: Analysis) -> Probe:
        """The probe of an analysis, shared by its formulas."""
        if analysis.network not in _known:
            _known[analysis.network] = cls(analysis)
        return _known[analysis.network]

    def value(self, argument: str) -> Any:
        """The value at which the formula was derived."""
        return self.knobs[argument] if argument in self.knobs else self.shape[_SIZE_PLACES[argument]]

    def is_fixed(self, formula: Formula, argument: str) -> bool:
        """Whether a count at another value of ``argument`` differs from what the formula says there.

        Where no other value can be counted under the formula's conditions, a knob that the formula does not mention counts
        as fixed: nothing is claimed that was not seen.
        """
        for candidate in self._candidates(argument):
            at = formula.symbols.substituted({argument: candidate})
            if not all(c.holds(at) for c in formula.raw_conditions):
                continue
            counted = self._count(argument, candidate)
            if counted is not None:
                return bool(evaluate(formula.term, at) != counted[formula.of])
        return not formula.moves(argument)

    def is_idle(self, formula: Formula, argument: str, symbol: str) -> bool:
        """Whether the count stays what the formula says at another value of ``argument``, beyond the comparisons of ``symbol`` alone."""
        others = [c for c in formula.met if not c.symbols() <= {symbol}]
        seen = 0
        for candidate in self._candidates(argument):
            at = formula.symbols.substituted({argument: candidate})
            counted = self._count(argument, candidate) if all(c.holds(at) for c in others) else None
            if counted is not None:
                if evaluate(formula.term, at) != counted[formula.of]:
                    return False
                seen += 1
                if seen == 2:
                    return True
        return False

    def _candidates(self, argument: str) -> list[Any]:
        value = self.value(argument)
        if argument in _SIZE_PLACES and argument not in self.knobs:
            return [2 * value, 3 * value, value + 1]
        knob = next(k for k in _knobs(self.name) if k.name == argument)
        if knob.kind == "ints":
            return [v for i in range(len(value)) for v in (_replaced(value, i, value[i] * 2), _replaced(value, i, value[i] + 1)) if _allowed(knob, v)]
        step = knob.step or 1
        tries = [value + step, value * 2, value + 2 * step, value - step, value * 3, value + 1, value / 2 if knob.kind == "float" else value // 2, 1]
        return [v for v in dict.fromkeys(tries) if v != value and _allowed(knob, v)]

    def _count(self, argument: str, candidate: Any) -> Mapping[str, int] | None:
        key = (argument, candidate)
        if key not in self.counts:
            self.counts[key] = self._counted(argument, candidate)
        return self.counts[key]

    def _counted(self, argument: str, candidate: Any) -> Mapping[str, int] | None:
        from blocks import catalog
        from blocks.analysis import analyse

        knobs, shape = dict(self.knobs), list(self.shape)
        if argument in knobs:
            knobs[argument] = candidate
            for i, declared in enumerate(catalog.entry(self.name).input):
                if declared == argument:
                    shape[i] = candidate
        else:
            shape[_SIZE_PLACES[argument]] = candidate
        try:
            again = analyse(self.name, tuple(shape), dtype=self.dtype, training=self.training, **knobs)
        except (KnobError, TraceError):
            return None
        return {"params": again.params, "macs": again.macs, "flops": again.flops}


_known: WeakKeyDictionary[Any, Probe] = WeakKeyDictionary()


def _knobs(name: str) -> tuple[Knob, ...]:
    from blocks import catalog

    return catalog.knobs(name)


def _replaced(values: tuple[Any, ...], place: int, value: Any) -> tuple[Any, ...]:
    return (*values[:place], value, *values[place + 1 :])


def _allowed(knob: Knob, value: Any) -> bool:
    try:
        knob.check(value)
    except KnobError:
        return False
    return True
