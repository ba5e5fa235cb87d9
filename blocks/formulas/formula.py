"""Formulas: the counts of a symbolic trace, written in the paper's letters, with where they hold.

A formula is checked against the count when it is derived; it can be evaluated at other knob values while its conditions hold.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Protocol, TypeVar

import sympy

from blocks.formulas import latex
from blocks.formulas.conditions import pinned, readable_conditions
from blocks.formulas.memory_terms import made_term, peak_term, saved_term
from blocks.formulas.polynomial import (
    ONE,
    Atom,
    Expression,
    Monomial,
    Normaliser,
    Poly,
    content,
    divide,
    multiply_monomials,
    number,
    symbols,
    sympy_symbol,
    to_sympy,
)
from blocks.formulas.symbols import Symbols
from blocks.knobs import KnobError
from blocks.language import SpokenError
from blocks.trace.graph import Graph
from blocks.trace.symbolic import Condition, term_of
from blocks.trace.terms import Known, Number, Term, evaluate, symbols_in, total_of


class FormulaError(SpokenError, ValueError):
    """A formula does not hold at the values asked for, or could not be derived; the sentence names the condition."""


@dataclass(frozen=True, slots=True)
class Group:
    """Terms that share a factor: ``factor`` · (``terms``)."""

    scale: Fraction
    factor: Monomial
    terms: Poly

    @property
    def poly(self) -> Poly:
        """The terms with the factor multiplied in."""
        return {multiply_monomials(m, self.factor): c * self.scale for m, c in self.terms.items()}


class Recounts(Protocol):
    """Counts the formula's network again at other knob values: :class:`blocks.formulas.recount.Recount`."""

    @property
    def name(self) -> str:
        """The network's name in the catalog."""

    @property
    def training(self) -> bool:
        """Whether it is counted in training mode."""

    def value(self, argument: str) -> object:
        """The value of ``argument`` at which the formula was derived."""

    def is_fixed(self, formula: Formula, argument: str) -> bool:
        """Whether the formula is wrong at another value of ``argument``."""

    def is_idle(self, formula: Formula, argument: str, symbol: str) -> bool:
        """Whether the formula stays right at other values of ``argument``, the conditions on ``symbol`` alone left aside."""


@dataclass
class Formula:
    """The count ``of`` (one of :data:`COUNTED`) as an expression.

    ``values`` are the symbols' values at derivation. ``where`` defines the named intermediates that ``expr`` uses;
    ``conditions`` says where the formula holds (LaTeX); ``fixed`` names knobs that became plain numbers on the way.
    """

    of: str
    term: Expression
    symbols: Symbols
    met: tuple[Condition, ...]
    result: int
    recount: Recounts | None = None
    known: Mapping[str, Number] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, int | float]:
        """Each symbol's value at derivation."""
        return self.symbols.values

    @cached_property
    def raw_conditions(self) -> tuple[Condition, ...]:
        """The comparisons that were met and that matter: a knob that one of them pinned stays free where no count depends on it."""
        idle = self._idle()
        return tuple(c for c in self.met if not (mine := c.symbols()) or not mine <= idle) if idle else self.met

    def _idle(self) -> frozenset[str]:
        """Symbols pinned by a comparison that the count does not depend on (dropout, while not training), or that the formula follows all the same."""
        recount = self.recount
        if recount is None:
            return frozenset()
        pins = frozenset(s for s in pinned(self.met) if s in self.symbols.arguments and s not in self.symbols.sizes)

        def find() -> frozenset[str]:
            return frozenset(s for s in pins if recount.is_idle(self, self.symbols.arguments[s][0], s))

        return _remembered(_IDLE, (*self._path(recount), pins), find)

    def _path(self, recount: Recounts) -> tuple[Hashable, ...]:
        """What decides which knobs a formula follows: the path that building and running took, not the numbers."""
        return (recount.name, self.of, recount.training, frozenset(self.met))

    @cached_property
    def _normal(self) -> tuple[Poly, dict[str, Poly]]:
        """The normal form, and the named intermediates met on the way."""
        known: dict[str, Number] = {**pinned(self.raw_conditions), **self.known}
        return _normalised(self.term, tuple((k, v) for k, v in known.items() if k not in self.symbols.sizes or k in self.known))

    @property
    def poly(self) -> Poly:
        """The normal form, with named intermediates as symbols."""
        return self._normal[0]

    @cached_property
    def names(self) -> dict[str, Poly]:
        """The named intermediates that the formula uses, in the order that explains each before it is used."""
        used: dict[str, Poly] = {}
        wanted = symbols(self.poly)
        for name, poly in reversed(self._normal[1].items()):
            if name in wanted:
                used[name] = poly
                wanted |= symbols(poly)
        return used

    @cached_property
    def _whole(self) -> dict[str, bool]:
        return {name: not isinstance(value, float) for name, value in self.values.items()}

    @cached_property
    def groups(self) -> list[Group]:
        """The formula as sums over one spatial size each, common factors taken out."""
        parts: dict[Monomial, Poly] = {}
        places = self.symbols.sizes | {s for s, (argument, _) in self.symbols.arguments.items() if "stride" in argument}
        for monomial, c in self.poly.items():
            spatial = tuple((a, e) for a, e in monomial if _spatial(a, places))
            parts.setdefault(spatial, {})[monomial] = c
        if self.of == "params":
            parts = {ONE: self.poly}
        groups = []
        for poly in parts.values():
            scale, factor = content(poly)
            if scale.denominator > _LARGEST_DENOMINATOR:  # fractions inside the bracket read better than one before it
                scale = Fraction(1)
            groups.append(Group(scale, factor, divide(poly, {factor: scale})))
        return sorted(groups, key=lambda g: [-sum(abs(e) for _, e in g.factor), latex.monomial(Fraction(1), g.factor)])

    @cached_property
    def expr(self) -> sympy.Expr:
        """The formula as a SymPy expression in the symbols and the names of ``where``."""
        groups = [sympy.Mul(to_sympy({g.factor: g.scale}, self._whole), to_sympy(g.terms, self._whole)) for g in self.groups]
        return sympy.Add(*groups)

    @cached_property
    def where(self) -> dict[sympy.Symbol, sympy.Expr]:
        """Definitions of the named intermediates, as SymPy."""
        return {sympy_symbol(name, self._whole): to_sympy(poly, self._whole) for name, poly in self.names.items()}

    @cached_property
    def conditions(self) -> list[str]:
        """Where the formula holds, as LaTeX, without what is trivially true."""

        def find() -> list[str]:
            return readable_conditions(self.raw_conditions, self._whole, self.symbols.ranges, self.known, self.symbols.odd)

        if self.recount is None:
            return find()
        texts: list[str] = _remembered(_READABLE, (self.recount.name, self.raw_conditions, tuple(self.known.items()), tuple(self._whole.items())), find)
        return list(texts)

    # --- Writing ---------------------------------------------------------------------------------

    def latex(self, lit: Iterable[str] = (), colour: str = "#d9480f") -> str:
        """The formula as LaTeX; terms that depend on the arguments ``lit`` are coloured."""
        return self._written(latex.letter, self._mover(lit), colour)

    def latex_numbers(self, lit: Iterable[str] = (), colour: str = "#d9480f") -> str:
        """The formula with the numbers in place of the letters."""
        values = {**self.values, **self.intermediate_values()}
        return self._written(latex.values_written(values), self._mover(lit), colour, r" \cdot ")

    def latex_where(self) -> list[str]:
        """``name = definition = value`` for each named intermediate."""
        values = self.intermediate_values()
        return [rf"{latex.letter(n)} = {latex.polynomial(p)} = {latex.spaced_number(values[n])}" for n, p in self.names.items()]

    def _written(self, write: Callable[[str], str], moved: set[str], colour: str, dot: str = r"\,") -> str:
        def mark(monomial: Monomial, text: str) -> str:
            return rf"\textcolor{{{colour}}}{{{text}}}" if moved & symbols({monomial: Fraction(1)}) else text

        parts = []
        for group in self.groups:
            bare = number(group.terms)
            if len(group.terms) == 1 or (not group.factor and group.scale == 1):
                parts += [(c < 0, mark(m, latex.monomial(c, m, write, dot))) for m, c in latex.ordered(group.poly)]
                continue
            inner = latex.polynomial(group.terms, write, mark, dot)
            outer = latex.monomial(group.scale, group.factor, write, dot)
            parts.append((False, mark(group.factor, outer) + (rf"{dot}\left({inner}\right)" if bare is None else "")))
        return latex.signed(parts)

    def _mover(self, arguments: Iterable[str]) -> set[str]:
        """Symbols and names that depend on the given arguments."""
        wanted = set(arguments)
        moved = {s for s, (argument, _) in self.symbols.arguments.items() if argument in wanted}
        for _ in self.names:
            moved |= {n for n, p in self.names.items() if symbols(p) & moved}
        return moved

    # --- Values ----------------------------------------------------------------------------------

    def intermediate_values(self) -> dict[str, Number]:
        """The value of each named intermediate at derivation."""
        found: dict[str, Number] = {}
        stack, seen = [self.term], set()
        while stack:
            term = stack.pop()
            if isinstance(term, Term) and id(term) not in seen:
                seen.add(id(term))
                if term.op == "name" and term.args[0] in self.names:
                    found[term.args[0]] = evaluate(term, self.values)
                stack.extend(term.args)
        return found

    def depends_on(self, argument: str) -> bool:
        """Whether the formula depends on this argument at all."""
        mine = {s for s, (a, _) in self.symbols.arguments.items() if a == argument}
        return bool(mine & symbols_in(self.term))

    def evaluate(self, **values: object) -> int:
        """The count at other values, given by argument name (knobs, ``batch``, ``height``, ``width``, ``tokens``).

        Raises :class:`FormulaError` naming the condition that fails or the knob that this formula has fixed, and
        :class:`KnobError` for an unknown argument.
        """
        at = self.symbols.substituted(values)
        for condition in self.raw_conditions:
            if not condition.holds(at):
                said = readable_conditions([condition], self._whole, {}) or [f"{condition.op} {condition.left} {condition.right} is {condition.truth}"]
                raise FormulaError(f"{self.of}: the formula holds only while {said[0]}")
        changed = {a for s, (a, _) in self.symbols.arguments.items() if at[s] != self.values[s]}
        for argument in sorted(changed & set(self.fixed)):
            raise FormulaError(f"{self.of}: {argument} is fixed at {self.fixed[argument]} in this formula; derive it again for another value")
        return _whole_number(evaluate(self.term, at))

    def gives(self, count: int, at: Mapping[str, int | float], known: Known) -> bool:
        """Whether it is ``count`` at these values, by symbol; whether it holds there is another question (:attr:`raw_conditions`).

        ``known`` is shared by formulas that are asked at the same values.
        """
        try:
            return bool(evaluate(self.term, at, known) == count)
        except ArithmeticError:  # what a condition rules out, such as a division by zero
            return False

    @cached_property
    def fixed(self) -> dict[str, object]:
        """Knobs that became plain numbers on the way (a loop count): the formula cannot follow them. Found by counting again."""
        recount = self.recount
        if recount is None:
            return {}

        def find() -> frozenset[str]:
            pins = pinned(self.raw_conditions)
            free = dict.fromkeys(a for s, (a, _) in self.symbols.arguments.items() if s not in pins)
            return frozenset(argument for argument in free if recount.is_fixed(self, argument))

        names = _remembered(_FIXED, self._path(recount), find)
        return {a: recount.value(a) for a in dict.fromkeys(a for a, _ in self.symbols.arguments.values()) if a in names}

    def of_sizes(self) -> Formula:
        """The same formula with every knob as a number: a function of batch, height, width or tokens alone."""
        known = {s: v for s, v in self.values.items() if s not in self.symbols.sizes}
        return Formula(self.of, self.term, self.symbols, self.met, self.result, self.recount, known)


_LARGEST_DENOMINATOR = 4
#: What depends on the path that building and running took, not on the numbers: a changed knob mostly leaves it as it was.
_IDLE: dict[Hashable, frozenset[str]] = {}
_FIXED: dict[Hashable, frozenset[str]] = {}
_READABLE: dict[Hashable, list[str]] = {}
_MOST = 4096
_T = TypeVar("_T")


@lru_cache(maxsize=512, typed=True)
def _normalised(term: Expression, known: tuple[tuple[str, Number], ...]) -> tuple[Poly, dict[str, Poly]]:
    """The polynomial of ``term`` with these symbols as numbers, and its named intermediates."""
    normal = Normaliser(dict(known), _ambiguous(term))
    return normal(term), normal.names


def _remembered(store: dict[Hashable, _T], key: Hashable, find: Callable[[], _T]) -> _T:
    if key not in store:
        if len(store) >= _MOST:
            store.clear()
        store[key] = find()
    return store[key]


def _spatial(atom: Atom, places: set[str]) -> bool:
    return atom in places if isinstance(atom, str) else bool(atom.symbols() & places)


def _ambiguous(term: Expression) -> frozenset[str]:
    """Names that stand for different things in one network: they are written out."""
    meanings: dict[str, Expression] = {}
    twice: set[str] = set()
    stack, seen = [term], set()
    while stack:
        t = stack.pop()
        if isinstance(t, Term) and id(t) not in seen:
            seen.add(id(t))
            if t.op == "name" and meanings.setdefault(t.args[0], t.args[1]) != t.args[1]:
                twice.add(t.args[0])
            stack.extend(t.args)
    return frozenset(twice)


def _whole_number(value: Number) -> int:
    exact = (
        Fraction(value)
        if not isinstance(value, float)
        else Fraction(round(value))
        if abs(value - round(value)) < 1e-6 * max(1, abs(value))
        else Fraction(value)
    )
    if exact.denominator != 1:
        raise FormulaError(f"the formula gives {float(exact):g}, which is no count; a rounding on the way does not hold at these values")
    return exact.numerator


#: What has a formula.
COUNTED = ("params", "macs", "flops", "saved_memory", "activation_memory", "peak_memory")


def derive(graph: Graph, of: str, symbols: Symbols, conditions: tuple[Condition, ...], counted: int, recount: Recounts | None = None) -> Formula:
    """The formula of a symbolic trace, checked against its count. Raises :class:`FormulaError` if the two disagree.

    ``of`` is one of :data:`COUNTED`. ``recount`` counts the network again at other values, to find the knobs that the formula cannot follow.
    """
    if of == "peak_memory":
        term, more = peak_term(graph, recount is not None and recount.training)
        conditions = (*conditions, *more)
    else:
        term = _TERMS[of](graph) if of in _TERMS else total_of(term_of(getattr(node, of)) for node in graph.nodes)
    if _whole_number(evaluate(term, symbols.values)) != counted:
        raise FormulaError(f"the formula for {of} gives {evaluate(term, symbols.values)}, the count is {counted}")
    return Formula(of, term, symbols, conditions, counted, recount)


_TERMS: dict[str, Callable[[Graph], Expression]] = {"params": lambda graph: term_of(graph.params), "saved_memory": saved_term, "activation_memory": made_term}


__all__ = ["Formula", "FormulaError", "Group", "KnobError", "derive"]
