"""The normal form of a count: a sum of monomials with exact coefficients, fast enough to be made at every turn of a knob.

Atoms are symbols (strings) and :class:`Opaque` expressions such as a floor or a rounding. SymPy takes over where a caller
wants to calculate further (:func:`to_sympy`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import gcd
from typing import TypeAlias

import sympy

from blocks.trace.terms import Number, Term, in_order

#: What a count is made of while it is traced: a term with symbols, or a number.
Expression = Term | Number
#: A symbol, or a part with no polynomial form.
Atom: TypeAlias = "str | Opaque"
Monomial: TypeAlias = "tuple[tuple[Atom, int], ...]"  # ((atom, exponent), ...) in a fixed order
Poly: TypeAlias = "dict[Monomial, Fraction]"

ONE: Monomial = ()


@dataclass(frozen=True, slots=True)
class Opaque:
    """A part with no polynomial form: ``kind`` is "floor", "ceil", "div", "mod", "pow", "max", "min" or a function's label."""

    kind: str
    args: tuple[frozenset[tuple[Monomial, Fraction]], ...]

    @property
    def polys(self) -> tuple[Poly, ...]:
        """The arguments as polynomials."""
        return tuple(dict(a) for a in self.args)

    def symbols(self) -> set[str]:
        """Every symbol inside."""
        return set().union(*(symbols(p) for p in self.polys))


def symbols(poly: Poly) -> set[str]:
    """Every symbol of a polynomial, inside opaque parts too."""
    found: set[str] = set()
    for monomial in poly:
        for atom, _ in monomial:
            found |= {atom} if isinstance(atom, str) else atom.symbols()
    return found


def constant(value: Number) -> Poly:
    """A number as a polynomial; a float by its shortest decimal form."""
    exact = Fraction(str(value)) if isinstance(value, float) else Fraction(value)
    return {ONE: exact} if exact else {}


def add(a: Poly, b: Poly, sign: int = 1) -> Poly:
    """a + sign·b."""
    total = dict(a)
    for monomial, coefficient in b.items():
        new = total.get(monomial, 0) + sign * coefficient
        if new:
            total[monomial] = Fraction(new)
        else:
            total.pop(monomial, None)
    return total


def _rank(atom: Atom) -> tuple[int, str]:
    return (0, atom) if isinstance(atom, str) else (1, repr(sorted(atom.symbols())) + atom.kind)


def multiply_monomials(a: Monomial, b: Monomial, sign: int = 1) -> Monomial:
    """a·b, or a/b with sign -1."""
    powers = dict(a)
    for atom, exponent in b:
        powers[atom] = powers.get(atom, 0) + sign * exponent
    return tuple(sorted(((atom, e) for atom, e in powers.items() if e), key=lambda pair: _rank(pair[0])))


def multiply(a: Poly, b: Poly) -> Poly:
    """a·b."""
    total: Poly = {}
    for ma, ca in a.items():
        for mb, cb in b.items():
            monomial = multiply_monomials(ma, mb)
            new = total.get(monomial, 0) + ca * cb
            if new:
                total[monomial] = Fraction(new)
            else:
                total.pop(monomial, None)
    return total


def divide(a: Poly, b: Poly) -> Poly:
    """a/b: exact for a monomial b, and where b is a multiple of a; else one opaque quotient."""
    if len(b) == 1:
        ((monomial, coefficient),) = b.items()
        return {multiply_monomials(m, monomial, -1): c / coefficient for m, c in a.items()}
    common = _common_factor(a, b)
    if common is not None:
        return common
    return {((Opaque("div", (_freeze(a), _freeze(b))), 1),): Fraction(1)}


def _common_factor(a: Poly, b: Poly) -> Poly | None:
    """a/b where a is a monomial times b."""
    if len(a) != len(b):
        return None
    first_a, first_b = max(a, key=repr), max(b, key=repr)
    candidate = {multiply_monomials(first_a, first_b, -1): a[first_a] / b[first_b]}
    return candidate if multiply(candidate, b) == a else None


def _freeze(poly: Poly) -> frozenset[tuple[Monomial, Fraction]]:
    return frozenset(poly.items())


def opaque(kind: str, *args: Poly) -> Poly:
    """A part that stays as it is; one with numbers only cannot come here."""
    return {((Opaque(kind, tuple(map(_freeze, args))), 1),): Fraction(1)}


class Normaliser:
    """Turns terms into polynomials. ``known`` symbols become numbers; ``inline`` lists named intermediates to write out.

    ``names`` has the polynomials of the named intermediates that were met, ``definitions`` their terms."""

    def __init__(self, known: Mapping[str, Number] | None = None, inline: frozenset[str] = frozenset()) -> None:
        self.known = known or {}
        self.inline = inline
        self.names: dict[str, Poly] = {}
        self.definitions: dict[str, Term] = {}
        self._memo: dict[Term, Poly] = {}

    def __call__(self, term: Expression) -> Poly:
        """The polynomial of a term or number."""
        if not isinstance(term, Term):
            return constant(term)
        for part in in_order(term, self._memo):
            self._memo[part] = self._convert(part)
        return self._memo[term]

    def _convert(self, term: Term) -> Poly:
        if term.op == "sym":
            name = term.args[0]
            return constant(self.known[name]) if name in self.known else {((name, 1),): Fraction(1)}
        if term.op == "name":
            self.definitions[term.args[0]] = term
            return self._named(*term.args)
        if term.op == "call":
            return self._called(term)
        args = [self(a) for a in term.args]
        if term.op == "add":
            return add(args[0], args[1])
        if term.op == "sub":
            return add(args[0], args[1], -1)
        if term.op == "neg":
            return add({}, args[0], -1)
        if term.op == "mul":
            return multiply(*args)
        if term.op == "div":
            return divide(*args)
        numbers = [number(a) for a in args]
        if term.op == "pow" and numbers[1] is not None and numbers[1] >= 0 and numbers[1].denominator == 1:
            return reduce(multiply, [args[0]] * int(numbers[1]), constant(1))
        if all(n is not None for n in numbers):
            return constant(_PLAIN[term.op](*numbers))
        return opaque({"floordiv": "floor"}.get(term.op, term.op), *args)

    def _named(self, name: str, inner: Expression) -> Poly:
        poly = self(inner)
        if name in self.inline or number(poly) is not None:
            return poly
        self.names[name] = poly
        return {((name, 1),): Fraction(1)}

    def _called(self, term: Term) -> Poly:
        function, label, *inner = term.args
        args = [self(a) for a in inner]
        numbers = [number(a) for a in args]
        if all(n is not None for n in numbers):
            return constant(function(*(int(n) if n.denominator == 1 else float(n) for n in numbers if n is not None)))
        if label == "ceil" and len(args) == 2 and numbers[1] == 1:
            return args[0]
        return opaque(label, *args)


_PLAIN: dict[str, Callable[..., Fraction]] = {
    "floordiv": lambda a, b: a // b, "mod": lambda a, b: a % b, "pow": lambda a, b: Fraction(float(a) ** float(b)), "min": min, "max": max,
}  # fmt: skip


def number(poly: Poly) -> Fraction | None:
    """The value of a polynomial without symbols, else None."""
    if not poly:
        return Fraction(0)
    return poly[ONE] if len(poly) == 1 and ONE in poly else None


def content(poly: Poly) -> tuple[Fraction, Monomial]:
    """The greatest number and monomial that divide every term."""
    if not poly:
        return Fraction(1), ONE
    coefficients = [abs(c) for c in poly.values()]
    scale = Fraction(reduce(gcd, (c.numerator for c in coefficients)), reduce(lambda x, y: x * y // gcd(x, y), (c.denominator for c in coefficients)))
    powers = [dict(m) for m in poly]
    atoms = {atom: _shared([p.get(atom, 0) for p in powers]) for atom in {a for p in powers for a in p}}
    return scale, tuple(sorted(((a, e) for a, e in atoms.items() if e), key=lambda pair: _rank(pair[0])))


def _shared(exponents: list[int]) -> int:
    """The power that every term has, above the line or below it."""
    return min(exponents) if min(exponents) > 0 else min(0, max(exponents))


def to_sympy(poly: Poly, whole: Mapping[str, bool]) -> sympy.Expr:
    """The polynomial as a SymPy expression; symbols are positive, and integers where ``whole`` says so."""
    return sympy.Add(*(_number(c) * sympy.Mul(*(_atom(a, whole) ** e for a, e in m)) for m, c in poly.items()))


def _number(value: Fraction) -> sympy.Rational:
    return sympy.Rational(value.numerator, value.denominator)


def sympy_symbol(name: str, whole: Mapping[str, bool]) -> sympy.Symbol:
    """The SymPy symbol that stands for ``name`` everywhere."""
    return sympy.Symbol(name, positive=True, integer=True) if whole.get(name, True) else sympy.Symbol(name, positive=True)


def _atom(atom: Atom, whole: Mapping[str, bool]) -> sympy.Expr:
    if isinstance(atom, str):
        return sympy_symbol(atom, whole)
    args = [to_sympy(p, whole) for p in atom.polys]
    if atom.kind == "floor":
        return sympy.floor(args[0] / args[1] if len(args) == 2 else args[0])
    if atom.kind == "ceil":
        return sympy.ceiling(args[0] / args[1])
    known = {"div": lambda a, b: a / b, "mod": sympy.Mod, "pow": sympy.Pow, "max": sympy.Max, "min": sympy.Min}
    return known[atom.kind](*args) if atom.kind in known else sympy.Function(atom.kind)(*args)
