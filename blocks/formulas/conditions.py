"""Where a formula holds: the comparisons met while it was derived, less the trivial ones, as sentences."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping
from fractions import Fraction

from blocks.formulas import latex
from blocks.formulas.entailment import Entailment, Ranges
from blocks.formulas.polynomial import ONE, Atom, Monomial, Normaliser, Opaque, Poly, add, content, divide, number
from blocks.trace.symbolic import Condition
from blocks.trace.terms import Number, Term

_SIGNS = {"eq": ("=", r"\neq"), "ne": (r"\neq", "="), "lt": ("<", r"\geq"), "le": (r"\leq", ">"), "gt": (">", r"\leq"), "ge": (r"\geq", "<")}


def pinned(conditions: Iterable[Condition]) -> dict[str, Number]:
    """Symbols that a condition fixes to a number, such as s in "s = 1"."""
    found: dict[str, Number] = {}
    for c in conditions:
        if (c.op == "eq") is c.truth and c.op in ("eq", "ne"):
            for left, right in ((c.left, c.right), (c.right, c.left)):
                if isinstance(left, Term) and left.op == "sym" and not isinstance(right, Term):
                    found[left.args[0]] = right
    return found


def readable_conditions(
    conditions: Iterable[Condition], whole: Mapping[str, bool], ranges: Ranges, known: Mapping[str, Number] | None = None, odd: Container[str] = ()
) -> list[str]:
    """Each condition that is not trivially true (within the knobs' ``ranges``, for those that are ``odd`` anyway), once, as LaTeX.

    Symbols in ``known`` are numbers: what depends on them alone is not mentioned.
    """
    conditions = [c for c in conditions if not _within(c, ranges)]
    known = dict(known or {})
    fixed = {k: v for k, v in pinned(conditions).items() if k not in known}
    bounds = _bounds(conditions, Normaliser(known={**fixed, **known}), whole)
    fixed |= {name: low for name, (low, high) in bounds.items() if low is not None and low == high}
    texts: dict[str, None] = {f"{latex.letter(name)} = {latex.spaced_number(value)}": None for name, value in fixed.items()}
    after = Normaliser(known={**fixed, **known})
    congruences: dict[str, tuple[int, int]] = {}
    equalities = [add(after(c.left), after(c.right), -1) for c in conditions if _equality(c) and not _remainder(c.left)]
    implied = Entailment(after, equalities, ranges)
    for condition in conditions:
        divided = _congruence(condition, after, whole)
        if divided is not None:
            congruences[divided[0]] = _together(congruences.get(divided[0], (1, 0)), divided[1:])
            continue
        if _bound(condition, after, whole) is not None or implied.decides(condition):
            continue
        text = _text(condition, after, whole, equalities)
        if text:
            texts[text] = None
    texts |= dict.fromkeys(_interval(name, ends, ranges) for name, ends in bounds.items() if name not in fixed)
    texts.pop("", None)
    told = {name: found for name, found in congruences.items() if found[0] > 1 and not (name in odd and found == (2, 1))}
    return [*texts, *(_divided(name, *found) for name, found in told.items())]


#: Relations that several conditions may share: what stands before, what stands after, and which side is shared.
_SHARED = ((r" \mid ", 0), (" = ", 1), (r" \geq ", 1), (r" \text{ whole}", 1))


def merged(texts: Iterable[str]) -> list[str]:
    """Conditions that say the same of several things as one: g | a and g | b as g | a, b; r = 0 and p = 0 as r = p = 0."""
    found: dict[tuple[str, str], list[str]] = {}
    for text in dict.fromkeys(texts):
        sign, shared = next(((s, side) for s, side in _SHARED if s in text), ("", 1))
        parts = text.split(sign) if sign else [text]
        joins = len(parts) == 2 and (sign != " = " or parts[1].replace(r"\,", "").replace(".", "").isdigit())
        key = (sign, parts[shared]) if joins else ("", text)
        found.setdefault(key, []).append(parts[1 - shared] if joins else text)
    return [_joined(sign, shared, parts) for (sign, shared), parts in found.items()]


def _joined(sign: str, shared: str, parts: list[str]) -> str:
    if not sign:
        return parts[0]
    if sign == " = ":
        return sign.join([*parts, shared])
    several = r",\ ".join(parts)
    return f"{shared}{sign}{several}" if sign == _SHARED[0][0] else f"{several}{sign}{shared}"


def _bound(c: Condition, after: Normaliser, whole: Mapping[str, bool]) -> tuple[str, int | None, int | None] | None:
    """(symbol, lowest, highest) for an inequality of one whole symbol and numbers, such as n - 2 > 1."""
    if c.op in ("eq", "ne") or _remainder(c.left):
        return None
    difference = add(after(c.left), after(c.right), -1)
    shift = difference.get(ONE, Fraction(0))
    rest = [(m, v) for m, v in difference.items() if m != ONE]
    if len(rest) != 1 or len(rest[0][0]) != 1 or rest[0][0][0][1] != 1:
        return None
    (((name, _),), slope) = rest[0]
    if not isinstance(name, str) or not whole.get(name, True):
        return None
    op = c.op if c.truth else {"gt": "le", "le": "gt", "ge": "lt", "lt": "ge"}[c.op]
    at = -shift / slope
    if slope < 0:
        op = {"gt": "lt", "lt": "gt", "ge": "le", "le": "ge"}[op]
    if op in ("gt", "ge"):
        return name, math.floor(at) + 1 if op == "gt" else math.ceil(at), None
    return name, None, math.ceil(at) - 1 if op == "lt" else math.floor(at)


def _bounds(conditions: Iterable[Condition], after: Normaliser, whole: Mapping[str, bool]) -> dict[str, tuple[int | None, int | None]]:
    """The interval that the inequalities of one symbol leave it."""
    found: dict[str, tuple[int | None, int | None]] = {}
    for c in conditions:
        bound = _bound(c, after, whole)
        if bound is not None:
            name, low, high = bound
            old_low, old_high = found.get(name, (None, None))
            lows, highs = [v for v in (low, old_low) if v is not None], [v for v in (high, old_high) if v is not None]
            found[name] = (max(lows, default=None), min(highs, default=None))
    return found


def _interval(name: str, ends: tuple[int | None, int | None], ranges: Ranges) -> str:
    """An interval as LaTeX, less what the knob's own range says already."""
    least, most = ranges.get(name, (1, None))
    low = ends[0] if ends[0] is not None and ends[0] > (1 if least is None else least) else None
    high = ends[1] if ends[1] is not None and (most is None or ends[1] < most) else None
    letter = latex.letter(name)
    if low is not None and high is not None:
        return rf"{latex.spaced_number(low)} \leq {letter} \leq {latex.spaced_number(high)}"
    return rf"{letter} \geq {latex.spaced_number(low)}" if low is not None else rf"{letter} \leq {latex.spaced_number(high)}" if high is not None else ""


def _congruence(c: Condition, after: Normaliser, whole: Mapping[str, bool]) -> tuple[str, int, int] | None:
    """(symbol, modulus, remainder) for a condition on the division of one symbol: that H/2 - 3 is odd says that 4 divides H."""
    if not (_remainder(c.left) and not isinstance(c.right, Term) and _equality(c)):
        return None
    a, b = after(c.left.args[0]), number(after(c.left.args[1]))
    shift = a.get(ONE, Fraction(0))
    rest = [(m, v) for m, v in a.items() if m != ONE]
    if not b or len(rest) != 1 or len(rest[0][0]) != 1:
        return None
    ((((name, power),), slope),) = rest
    modulus, remainder = b / slope, (c.right - shift) / slope
    if not isinstance(name, str) or power != 1 or not whole.get(name, True) or modulus.denominator != 1 or remainder.denominator != 1 or modulus < 1:
        return None
    return name, modulus.numerator, int(remainder % modulus)


def _together(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    """Two (modulus, remainder) as one; the conditions hold at one point, so that there is one."""
    common = math.lcm(a[0], b[0])
    return common, next(r for r in range(a[1], common, a[0]) if r % b[0] == b[1])


def _divided(name: str, modulus: int, remainder: int) -> str:
    letter = latex.letter(name)
    if not remainder:
        return rf"{modulus} \mid {letter}"
    return rf"{letter} \text{{ odd}}" if modulus == 2 else rf"{letter} \bmod {modulus} = {remainder}"


def _equality(c: Condition) -> bool:
    return (c.op == "eq" and c.truth) or (c.op == "ne" and not c.truth)


def _remainder(term: object) -> bool:
    return isinstance(term, Term) and term.op == "mod"


def _within(c: Condition, ranges: Ranges) -> bool:
    """Whether a knob's own range decides the comparison of it with a number."""
    if not (isinstance(c.left, Term) and c.left.op == "sym" and not isinstance(c.right, Term)) or c.op in ("eq", "ne"):
        return False
    low, high = ranges.get(c.left.args[0], (None, None))
    return low is not None and high is not None and all(Condition(c.op, end, c.right, c.truth).holds({}) for end in (low, high))


def _text(c: Condition, after: Normaliser, whole: Mapping[str, bool], equalities: list[Poly]) -> str:
    if _remainder(c.left) and not isinstance(c.right, Term):
        return _division(c, after, whole)
    difference = add(after(c.left), after(c.right), -1)
    if number(difference) is not None or _decided(c, difference):
        return ""
    if _equality(c):
        first = next((e for e in equalities if _proportional(e, difference)), difference)
        if first is not difference:
            difference = first
        left = {m: v for m, v in difference.items() if v > 0}
        right = {m: -v for m, v in difference.items() if v < 0}
        if not left or not right:
            left, right = difference, {}
        left, right = _balanced(left, right)
        return f"{latex.polynomial(left)} = {latex.polynomial(right)}"
    sign = _SIGNS[c.op][0 if c.truth else 1]
    scale = content(difference)[0]
    left, right = (divide(after(side), {ONE: scale}) for side in (c.left, c.right))
    return f"{latex.polynomial(left)} {sign} {latex.polynomial(right)}"


def _proportional(a: Poly, b: Poly) -> bool:
    ratio = number(divide(b, a)) if len(a) == len(b) and a else None
    return ratio is not None and ratio != 0


def _balanced(left: Poly, right: Poly) -> tuple[Poly, Poly]:
    """Both sides divided by what they share."""
    if len(left) == 1 and len(right) == 1:
        ((ml, cl),) = left.items()
        ((mr, cr),) = right.items()
        shared = {a: min(e, dict(mr).get(a, 0)) for a, e in ml}
        cut: Monomial = tuple((a, e) for a, e in shared.items() if e)
        scale = Fraction(cl) if cl == cr else Fraction(1)
        return divide(left, {cut: scale}), divide(right, {cut: scale})
    return left, right


def _division(c: Condition, after: Normaliser, whole: Mapping[str, bool]) -> str:
    a, b = after(c.left.args[0]), after(c.left.args[1])
    if number(a) is not None and number(b) is not None:
        return ""
    quotient = divide(a, b)
    if all(v.denominator == 1 and all(e > 0 and _is_whole(atom, whole) for atom, e in m) for m, v in quotient.items()):
        return ""
    negative = not _equality(c)
    if number(b) == 2 and c.right in (0, 1) and len(a) <= 2 and all(v.denominator == 1 for v in a.values()):
        odd = (c.right == 1) is not negative
        shift = a.get(ONE, Fraction(0))
        rest = {m: v for m, v in a.items() if m != ONE}
        if shift % 2:
            odd = not odd
        return rf"{latex.polynomial(rest)} \text{{ {'odd' if odd else 'even'}}}"
    if number(b) == 1:
        return rf"{latex.polynomial(a)} \text{{ {'not ' if negative else ''}whole}}"
    if c.right == 0:
        return latex.polynomial(b) + (r" \nmid " if negative else r" \mid ") + latex.polynomial(a)
    return rf"{latex.polynomial(a)} \bmod {latex.polynomial(b)} " + (r"\neq" if negative else "=") + f" {c.right}"


def _is_whole(atom: Atom, whole: Mapping[str, bool]) -> bool:
    if isinstance(atom, Opaque):
        return atom.kind in ("floor", "ceil", "mod") or atom.kind.startswith("round")
    return whole.get(atom, True)


def _decided(c: Condition, difference: Poly) -> bool:
    """Whether the sign of left - right follows from all symbols being positive, and at least 1 where they are whole."""
    if difference and all(v > 0 for v in difference.values()):
        return (c.op in ("gt", "ge", "ne")) is c.truth
    if any(isinstance(atom, Opaque) or e < 0 for m in difference for atom, e in m):
        return False
    lowest = difference.get(ONE, Fraction(0)) + sum(v for m, v in difference.items() if m != ONE and v > 0)
    grows = all(v > 0 for m, v in difference.items() if m != ONE)
    if not grows:
        return False
    return (
        (c.op in ("gt", "ne") and c.truth and lowest > 0)
        or (c.op == "ge" and c.truth and lowest >= 0)
        or (c.op in ("le", "eq") and not c.truth and lowest > 0)
        or (c.op == "lt" and not c.truth and lowest >= 0)
    )
