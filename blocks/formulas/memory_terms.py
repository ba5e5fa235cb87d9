"""Memory of a symbolic trace as expressions: what is saved, what is made, and what is alive where the peak is met.

The peak is a maximum over time. Its formula is the sum of what is alive at the operation where it is met, and holds while no other operation has more alive: each
other sum that could become larger is a condition of the formula.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from blocks.cost.memory import Allocation, allocations, kept, timeline
from blocks.formulas.polynomial import Expression, Normaliser, Poly, add, content, divide
from blocks.trace.graph import Graph
from blocks.trace.symbolic import Condition, term_of
from blocks.trace.terms import Term, simplified, total_of


def saved_term(graph: Graph) -> Expression:
    """Bytes that the backward pass keeps."""
    tensors, extras = kept(graph)
    taken = [Allocation(graph.nodes[node].outputs[slot], graph.nodes[node].itemsize_of(slot), node, node) for node, slot in tensors]
    taken += [Allocation(extra.shape, extra.itemsize or graph.nodes[node].itemsize, node, node) for node, extra in extras]
    return total_of(map(_bytes, taken))


def made_term(graph: Graph) -> Expression:
    """Bytes of all activations that a forward pass makes, each memory once."""
    return total_of(_bytes(a) for a in allocations(graph))


def peak_term(graph: Graph, training: bool) -> tuple[Expression, tuple[Condition, ...]]:
    """Bytes alive at the operation where the peak is met, and the conditions under which the peak stays there."""
    line = timeline(graph, training)
    if not line:
        return 0, ()
    taken = list(allocations(graph, training))
    at = line.index(max(line))
    normal = Normaliser({})
    polys = _alive_polys(taken, len(line), normal)
    peak = {i for i, a in enumerate(taken) if a.born <= at <= a.dies}
    others: dict[frozenset[object], tuple[Poly, int]] = {}
    for i, poly in enumerate(polys):
        ahead = add(polys[at], poly, -1)
        if any(value < 0 for value in ahead.values()):  # sizes are positive: where no coefficient is negative, it is never less
            others.setdefault(frozenset(ahead.items()), (ahead, i))
    conditions = []
    for ahead, i in _strongest(list(others.values())):
        sides = _sides(ahead, normal)
        if sides is None:  # a rounding inside: as it is, less what is alive at both
            there = {j for j, a in enumerate(taken) if a.born <= i <= a.dies}
            sides = _sum(taken, peak - there), _sum(taken, there - peak)
        conditions.append(Condition("ge", *sides, True))
    return _sum(taken, peak), tuple(conditions)


def _strongest(differences: list[tuple[Poly, int]]) -> list[tuple[Poly, int]]:
    """Of differences that must not be negative those that do not follow from another one."""
    left: list[tuple[Poly, int]] = []
    for i, one in enumerate(differences):
        others = [*left, *differences[i + 1 :]]
        if not any(_follows(one[0], other[0]) for other in others):
            left.append(one)
    return left


def _follows(one: Poly, other: Poly) -> bool:
    """Whether ``one`` ≥ 0 wherever ``other`` ≥ 0, for positive sizes: ``one`` is a positive multiple of ``other`` and more."""
    one, other = (divide(poly, {content(poly)[1]: Fraction(1)}) for poly in (one, other))
    low = [monomial for monomial, value in one.items() if value < 0]
    if any(other.get(monomial, 0) >= 0 for monomial in low):
        return False
    times = max(one[monomial] / other[monomial] for monomial in low)
    return all(value >= 0 for value in add(one, {m: v * times for m, v in other.items()}, -1).values())


def _sides(ahead: Poly, normal: Normaliser) -> tuple[Expression, Expression] | None:
    """``ahead`` ≥ 0 as two sides without a common factor; None where a part of it has no polynomial form."""
    if any(not isinstance(atom, str) for monomial in ahead for atom, _ in monomial):
        return None
    scale, factor = content(ahead)
    reduced = divide(ahead, {factor: scale})
    more, less = ({m: abs(v) for m, v in reduced.items() if (v < 0) is negative} for negative in (False, True))
    return _expression(more, normal), _expression(less, normal)


def _expression(poly: Poly, normal: Normaliser) -> Expression:
    """The term of a polynomial of symbols and named intermediates."""
    parts = []
    for monomial, value in poly.items():
        term: Expression = value.numerator if value.denominator == 1 else value
        for atom, power in monomial:
            name = str(atom)
            base = normal.definitions[name] if name in normal.names else Term("sym", name)
            for _ in range(abs(power)):
                term = simplified("mul" if power > 0 else "div", term, base)
        parts.append(term)
    return total_of(parts)


def _sum(taken: list[Allocation], which: set[int]) -> Expression:
    return total_of(_bytes(taken[i]) for i in sorted(which))


def _alive_polys(taken: list[Allocation], length: int, normal: Normaliser) -> list[Poly]:
    """What is alive at each operation, in normal form."""
    begins: list[Poly] = [{} for _ in range(length)]
    ends: list[Poly] = [{} for _ in range(length + 1)]
    for allocation in taken:
        poly = normal(_bytes(allocation))
        begins[allocation.born] = add(begins[allocation.born], poly)
        last = min(allocation.dies + 1, length)
        ends[last] = add(ends[last], poly)
    alive: Poly = {}
    found = []
    for born, gone in zip(begins, ends, strict=False):
        alive = add(add(alive, gone, -1), born)
        found.append(alive)
    return found


def _bytes(allocation: Allocation) -> Expression:
    elements: Any = 1
    for size in allocation.shape:
        elements = size * elements
    term: Expression = term_of(elements * allocation.itemsize)
    return term
