"""How a total grows with one knob: its power law, read off the formula, and the local slope, counted.

The formula's roundings (to a multiple of 8, floors) are left out: what remains is a sum of powers of the knob, whose highest
exponent says how the total grows. The slope is the exponent at the place where one stands: d log(total) / d log(knob).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from blocks.language import SpokenError
from blocks.space.axes import INPUT_SIDE
from blocks.space.count import NetworkVariant, Setup, follows_knob
from blocks.space.structure import COUNTED_FIGURES, NotSymbolic, Structure
from blocks.trace.symbolic import term_of
from blocks.trace.terms import Known, Term, evaluate, symbols_in

Powers = dict[int, float]  # exponent -> coefficient


class NoPowerLaw(SpokenError):
    """The formula is no sum of powers of this knob; the sentence says why."""


@dataclass(frozen=True)
class PowerLaw:
    """``total ≈ Σ coefficient · knob^exponent``; without ``rounded`` it is exact while the formula's conditions hold.

    ``followed`` is False for a knob that the formula does not contain because the code loops over it: then only the slope tells.
    """

    powers: tuple[tuple[int, float], ...]  # highest exponent first
    rounded: bool
    followed: bool = True

    @property
    def exponent(self) -> int:
        """The highest power: how the total grows in the end. 0 where the knob does not move it."""
        return self.powers[0][0] if self.powers else 0

    def at(self, x: float) -> float:
        """The total by this law."""
        return sum(c * x**e for e, c in self.powers)

    def share(self, x: float) -> float:
        """The part of the total that the leading power makes at ``x``."""
        whole = self.at(x)
        return self.powers[0][1] * x**self.exponent / whole if whole else 0.0


def power_law(setup: Setup, variant: NetworkVariant, settings: Mapping[str, object], axis: str, of: str) -> PowerLaw:
    """The law by which ``of`` (params, macs, flops or bytes_moved) grows with ``axis`` (a knob, or "side") around a variant.

    Raises :class:`NoPowerLaw` where there is none, KnobError or TraceError where the variant cannot be traced.
    """
    if of not in COUNTED_FIGURES or of == "peak_memory":
        raise NoPowerLaw("Peak memory is the largest of many sums, not one sum; its slope tells how it grows here.")
    try:
        structure = Structure(setup.name, settings, setup.shape(settings, variant.side), setup.dtype, setup.training)
    except NotSymbolic:
        raise NoPowerLaw("This network cannot be traced with symbols.") from None
    arguments = {axis} if axis != INPUT_SIDE else {"height", "width", "tokens"}
    targets = frozenset(s for s, (argument, _) in structure.symbols.arguments.items() if argument in arguments)
    terms = [part for term in _terms(structure, of) for part in _summands(term)]
    if not any(symbols_in(t) & targets for t in terms):
        return PowerLaw((), rounded=False, followed=axis == INPUT_SIDE or follows_knob(setup.name, axis))
    reader = _Reader(targets, structure.symbols.values)
    total: Powers = {}
    for term in terms:
        _add(total, reader(term))
    powers = tuple(sorted(((e, c) for e, c in total.items() if abs(c) > 1e-9 * max(map(abs, total.values()))), reverse=True))
    return PowerLaw(powers, reader.rounded)


def _terms(structure: Structure, of: str) -> list[object]:
    graph = structure.analysis.graph
    if of == "params":
        return [term_of(graph.params)]
    if of == "bytes_moved":
        return [term_of(v) for n in graph.nodes if n.kind not in ("input", "output") for v in (n.reads, n.writes)]
    return [term_of(getattr(n, of)) for n in graph.nodes]


def _summands(term: object) -> list[object]:
    """The parts of a long sum, which would be too deep to walk as a tree."""
    found, stack = [], [term]
    while stack:
        t = stack.pop()
        if isinstance(t, Term) and t.op == "add":
            stack.extend(t.args)
        else:
            found.append(t)
    return found


def slope(xs: Sequence[float], ys: Sequence[float], at: float) -> float | None:
    """d log y / d log x about ``at``: a straight line through the points within a factor of 1.5; None without three positive ones."""
    near = [(math.log(x), math.log(y)) for x, y in zip(xs, ys, strict=True) if x > 0 and y > 0 and 1 / 1.5 <= x / at <= 1.5]
    if len(near) < 3:
        return None
    mx, my = (sum(v) / len(near) for v in zip(*near, strict=True))
    spread = sum((x - mx) ** 2 for x, _ in near)
    return sum((x - mx) * (y - my) for x, y in near) / spread if spread else None


def _add(total: Powers, more: Powers, sign: float = 1.0) -> None:
    for exponent, coefficient in more.items():
        total[exponent] = total.get(exponent, 0.0) + sign * coefficient


class _Reader:
    """Turns a term into powers of the target; everything else becomes its number."""

    def __init__(self, targets: frozenset[str], values: Mapping[str, Any]) -> None:
        self.targets, self.values = targets, values
        self.rounded = False
        self._memo: dict[Term, Powers] = {}
        self._numbers: Known = {}

    def __call__(self, term: Any) -> Powers:
        if not isinstance(term, Term):
            return {0: float(term)}
        if term not in self._memo:
            self._memo[term] = self._read(term)
        return self._memo[term]

    def _read(self, t: Term) -> Powers:
        if not symbols_in(t) & self.targets:
            return {0: float(evaluate(t, self.values, self._numbers))}
        if t.op == "sym":
            return {1: 1.0}
        if t.op == "name":
            return self(t.args[1])
        if t.op == "call":
            self.rounded = True
            args = [self(a) for a in t.args[2:]]
            return self._quotient(*args) if len(args) == 2 else args[0]
        args = [self(a) for a in t.args]
        if t.op in ("add", "sub", "neg"):
            return self._sum(t.op, args)
        if t.op == "mul":
            return _product(*args)
        if t.op in ("div", "floordiv"):
            self.rounded |= t.op == "floordiv"
            return self._quotient(*args)
        if t.op == "pow" and set(args[1]) <= {0} and args[1].get(0, 0) == int(args[1].get(0, 0)) >= 0:
            result: Powers = {0: 1.0}
            for _ in range(int(args[1].get(0, 0))):
                result = _product(result, args[0])
            return result
        if t.op in ("max", "min"):
            chosen = (max if t.op == "max" else min)(t.args, key=lambda a: evaluate(a, self.values, self._numbers))
            return self(chosen)
        raise NoPowerLaw(f"The formula contains “{t.op}”, which is not a power.")

    @staticmethod
    def _sum(op: str, args: list[Powers]) -> Powers:
        if op == "neg":
            return {e: -c for e, c in args[0].items()}
        total = dict(args[0])
        _add(total, args[1], 1.0 if op == "add" else -1.0)
        return total

    @staticmethod
    def _quotient(a: Powers, b: Powers) -> Powers:
        b = {e: c for e, c in b.items() if c}
        if len(b) != 1:
            raise NoPowerLaw("The formula divides by a sum that contains this knob.")
        ((exponent, coefficient),) = b.items()
        return {e - exponent: c / coefficient for e, c in a.items()}


def _product(a: Powers, b: Powers) -> Powers:
    total: Powers = {}
    for ea, ca in a.items():
        for eb, cb in b.items():
            total[ea + eb] = total.get(ea + eb, 0.0) + ca * cb
    return total
