"""Formulas of several networks in one set of letters, so that what differs can be seen and one be divided by another.

Papers use different letters for one thing (M and C_in, D_K and k). Two symbols are one thing where they belong to the same
argument; they keep one letter while their values agree, the first network's. Where the values differ each network's symbol is marked
with the network's own letter: r_A = 4, r_B = 16.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from blocks.formulas import latex
from blocks.formulas.formula import Formula
from blocks.formulas.polynomial import Monomial, Poly, add, multiply_monomials, number, symbols
from blocks.formulas.ratio import Quotient, simplified_quotient, substituted
from blocks.trace.terms import Number

#: Arguments that name one thing in different blocks.
ALIASES = {"channels": "c_in", "cardinality": "groups", "layers": "repeats", "blocks": "repeats"}
_NAMES = "ABCD"
_Mark = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter of the shared set: how it is written, what it is ("c_in"), and its value."""

    latex: str
    argument: str
    value: Number


class FormulaComparison:
    """Two or more formulas of one count in shared letters; ``names`` are the networks' short names, "A", "B" and so on."""

    def __init__(self, formulas: Sequence[Formula], names: str = _NAMES) -> None:
        self.formulas = list(formulas)
        self.names = names
        self._letters: dict[str, Letter] = {}
        self._own: list[dict[str, str]] = [{} for _ in formulas]  # each formula's symbol -> shared symbol
        self._share()
        self._intermediates()

    # --- Letters -----------------------------------------------------------------------------------

    def _share(self) -> None:
        found: dict[tuple[bool, str, int | None], list[tuple[int, str, int | float]]] = {}
        for i, formula in enumerate(self.formulas):
            used = symbols(_inlined(formula, formula.poly))
            for symbol, (argument, place) in formula.symbols.arguments.items():
                if symbol in used:
                    key = (symbol in formula.symbols.sizes, ALIASES.get(argument, argument), place)
                    found.setdefault(key, []).append((i, symbol, formula.values[symbol]))
        for (_, argument, _), uses in found.items():
            one = len({value for _, _, value in uses}) == 1
            for i, symbol, value in uses:
                wanted = uses[0][1]
                shared = wanted if one and self._free(wanted, argument) else self._marked(wanted, i)
                self._letters.setdefault(shared, Letter(self._written(shared), argument, value))
                self._own[i][symbol] = shared

    def _free(self, shared: str, argument: str) -> bool:
        return shared not in self._letters or self._letters[shared].argument == argument

    def _marked(self, symbol: str, i: int) -> str:
        return f"{symbol}@{self.names[i]}"

    @staticmethod
    def _written(shared: str) -> str:
        bare, _, mark = shared.partition("@")
        text = latex.letter(bare)
        if not mark:
            return text
        return f"{text[:-1]},{mark}}}" if text.endswith("}") and "_{" in text else f"{text}_{{{mark}}}"

    def _intermediates(self) -> None:
        """Named intermediates: one name while the definitions agree."""
        written_out = [{name: self._renamed(i, _inlined(f, poly)) for name, poly in f.names.items()} for i, f in enumerate(self.formulas)]
        self._defined: list[dict[str, Poly]] = []
        for i, formula in enumerate(self.formulas):
            values = formula.intermediate_values()
            for name in formula.names:
                meanings = [w[name] for w in written_out if name in w]
                one = all(m == meanings[0] for m in meanings) and not (name in self._letters and self._letters[name].argument)
                shared = self._own[i][name] = name if one else self._marked(name, i)
                self._letters.setdefault(shared, Letter(self._written(shared), "", values[name]))
            self._defined.append({self._own[i][name]: self._renamed(i, poly) for name, poly in formula.names.items()})

    def _renamed(self, i: int, poly: Poly) -> Poly:
        return substituted(poly, {old: {((new, 1),): Fraction(1)} for old, new in self._own[i].items() if old != new})

    def write(self, shared: str) -> str:
        """A shared symbol in LaTeX."""
        return self._letters[shared].latex if shared in self._letters else latex.letter(shared)

    @property
    def letters(self) -> list[Letter]:
        """The shared letters that are values of arguments, in the order met."""
        return [letter for letter in self._letters.values() if letter.argument]

    def notes(self) -> list[str]:
        """What was renamed, as LaTeX: "k of B is D_K"."""
        said = []
        for i, own in enumerate(self._own):
            for old, new in own.items():
                if old != new.partition("@")[0]:
                    said.append(rf"{latex.letter(old)}\text{{ of {self.names[i]} is }}{self.write(new)}")
        return said

    # --- The formulas ------------------------------------------------------------------------------

    @cached_property
    def polys(self) -> list[Poly]:
        """Each formula in the shared letters, with named intermediates as symbols."""
        return [self._renamed(i, f.poly) for i, f in enumerate(self.formulas)]

    def differs(self, i: int, monomial: Monomial, coefficient: Fraction) -> bool:
        """Whether some other formula lacks this term of formula ``i``."""
        return any(poly.get(monomial) != coefficient for k, poly in enumerate(self.polys) if k != i)

    def latex(self, i: int, mark: _Mark = lambda text: text) -> str:
        """Formula ``i`` as LaTeX; ``mark`` dresses the terms that another formula lacks."""
        return self._laid_out(i, self.write, mark, r"\,")

    def latex_numbers(self, i: int, mark: _Mark = lambda text: text) -> str:
        """As :meth:`latex`, with the numbers in place of the letters."""
        values = {shared: letter.value for shared, letter in self._letters.items()}
        return self._laid_out(i, latex.values_written(values), mark, r" \cdot ")

    def latex_where(self, i: int) -> list[str]:
        """The definitions of the named intermediates that formula ``i`` uses, with their values."""
        return [
            f"{self.write(name)} = {latex.polynomial(poly, self.write)} = {latex.spaced_number(self._letters[name].value)}"
            for name, poly in self._defined[i].items()
        ]

    def _laid_out(self, i: int, write: Callable[[str], str], mark: _Mark, dot: str) -> str:
        parts: list[tuple[bool, str]] = []
        for group in self.formulas[i].groups:
            full = self._renamed(i, group.poly)
            bare = number(group.terms)
            if len(group.terms) == 1 or bare is not None or (not group.factor and group.scale == 1):
                parts += [(c < 0, self._dressed(i, m, c, latex.monomial(c, m, write, dot), mark)) for m, c in latex.ordered(full)]
                continue
            factor, terms = self._renamed(i, {group.factor: group.scale}), self._renamed(i, group.terms)
            ((outer, scale),) = factor.items()
            inner = []
            for m, c in latex.ordered(terms):
                inner.append((c < 0, self._dressed(i, multiply_monomials(m, outer), c * scale, latex.monomial(c, m, write, dot), mark)))
            parts.append((False, rf"{latex.monomial(scale, outer, write, dot)}{dot}\left({latex.signed(inner)}\right)"))
        return latex.signed(parts)

    def _dressed(self, i: int, monomial: Monomial, coefficient: Fraction, text: str, mark: _Mark) -> str:
        return mark(text) if self.differs(i, monomial, coefficient) else text

    # --- The ratios --------------------------------------------------------------------------------

    def value(self, i: int, to: int = 0) -> Fraction | None:
        """Count ``i`` over count ``to``, exactly; None where the latter is 0."""
        return Fraction(self.formulas[i].result, self.formulas[to].result) if self.formulas[to].result else None

    def ratio(self, i: int, to: int = 0) -> Quotient | None:
        """Formula ``i`` over formula ``to``, simplified; None where the latter is 0."""
        above, below = (self._renamed(k, _inlined(self.formulas[k], self.formulas[k].poly)) for k in (i, to))
        return simplified_quotient(above, below) if below else None

    def latex_ratio(self, i: int, to: int = 0, most: int = 420) -> str | None:
        """:meth:`ratio` as LaTeX; None where it has no letter left, or more than ``most`` characters of LaTeX."""
        found = self.ratio(i, to)
        if found is None or not (symbols(found.numerator) | symbols(found.denominator)):
            return None
        text = found.latex(self.write)
        return text if len(text) <= most else None

    def latex_difference(self, i: int, to: int = 0, most: int = 420) -> str | None:
        """Formula ``i`` less formula ``to`` as LaTeX: the terms that differ, and nothing else. None as for :meth:`latex_ratio`."""
        found = add(
            self._renamed(i, _inlined(self.formulas[i], self.formulas[i].poly)), self._renamed(to, _inlined(self.formulas[to], self.formulas[to].poly)), -1
        )
        if not symbols(found):
            return None
        text = latex.factored(found, self.write)
        return text if len(text) <= most else None


def _inlined(formula: Formula, poly: Poly) -> Poly:
    """``poly`` with the formula's named intermediates written out."""
    for name, definition in formula.names.items():
        poly = substituted(poly, {name: definition})
    return poly
