"""Which operation of one network is which of another: their module trees aligned level by level, in the order of execution.

Two parts stand for the same thing if they have the same path; where paths say nothing (other names, numbers in a list, another
family) their structure decides: kinds of operation, kernels, and the resolution at which they work. The best alignment of
two sequences is found by dynamic programming (Needleman and Wunsch 1970, gaps for free).
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import log2
from statistics import median

from blocks.trace.graph import Graph, Node
from blocks.trace.symbolic import plain

_CONTAINERS = frozenset({"Sequential", "ModuleList", "ModuleDict"})
_MOST_CELLS = 250_000  # a larger table of two sequences would take seconds: equal runs are found first
_LEAST_LIKENESS = 0.35  # modules that share less than this are two different things
NodePair = tuple[int | None, int | None]


@dataclass(slots=True, eq=False)
class _Part:
    """A module call or one operation: the nodes ``start`` to ``stop`` (exclusive)."""

    name: str
    cls: str
    start: int
    stop: int
    children: list[_Part] = field(default_factory=list)
    features: Counter[tuple[object, ...]] = field(default_factory=Counter)
    sign: int = 0

    @property
    def size(self) -> int:
        """How many operations it has."""
        return self.stop - self.start

    @property
    def resolutions(self) -> int:
        """At how many resolutions it works."""
        return len({f[-1] for f in self.features})


def align_graphs(a: Graph, b: Graph) -> list[NodePair]:
    """Every node of both graphs, once: (index in a, index in b), with None on the side that has no such operation.

    Pairs stand in the order of execution of both.
    """
    matched = _filled(a, b, _aligned(_tree(a).children, _tree(b).children, {}))
    pairs: list[NodePair] = []
    ends = [(-1, -1), *matched, (len(a.nodes), len(b.nodes))]
    for (i, j), (k, m) in pairwise(ends):
        pairs += [(x, None) for x in range(i + 1, k)]
        pairs += [(None, y) for y in range(j + 1, m)]
        if (k, m) != ends[-1]:
            pairs.append((k, m))
    return pairs


# --- The tree ------------------------------------------------------------------------------------


def _tree(graph: Graph) -> _Part:
    root = _Part("", graph.calls[0].cls if graph.calls else "", 0, len(graph.nodes))
    stack: list[tuple[int, _Part]] = [(0, root)]
    for node in graph.nodes:
        chain = _chain(graph, node.scope)
        depth = 0
        while depth < len(chain) and depth + 1 < len(stack) and stack[depth + 1][0] == chain[depth]:
            depth += 1
        del stack[depth + 1 :]
        for call in chain[depth:]:
            made = _Part(graph.calls[call].label.rsplit(".", 1)[-1], graph.calls[call].cls, node.index, node.index)
            stack[-1][1].children.append(made)
            stack.append((call, made))
        stack[-1][1].children.append(_Part(node.op, node.kind, node.index, node.index + 1))
        for _, part in stack:
            part.stop = node.index + 1
    _summed(root, graph)
    return root


def _chain(graph: Graph, scope: int) -> list[int]:
    """Calls from below the root down to ``scope``."""
    chain: list[int] = []
    while scope > 0 and graph.calls[scope].parent >= 0:
        chain.append(scope)
        scope = graph.calls[scope].parent
    return chain[::-1]


def _summed(part: _Part, graph: Graph) -> None:
    """Features and signature from the bottom up; a module that is one operation becomes it, under the module's name."""
    if not part.children:
        node = graph.nodes[part.start]
        part.features = Counter([(node.kind, node.op, _kernel(node), resolution(node))])
        part.sign = hash(operation_signature(graph, node))
        return
    for child in part.children:
        _summed(child, graph)
        part.features.update(child.features)
    part.sign = hash(tuple(c.sign for c in part.children))
    if len(part.children) == 1 and not part.children[0].children:
        part.sign, part.children = part.children[0].sign, []


def _kernel(node: Node) -> object:
    return _plain(node.attrs.get("kernel"))


def resolution(node: Node) -> tuple[int, ...]:
    """Height and width of what an operation gives; () where there is no picture."""
    shape = node.shape
    return tuple(map(plain, shape[2:])) if len(shape) > 3 else ()


def operation_signature(graph: Graph, node: Node) -> tuple[object, ...]:
    """What makes two operations equal: what they do, their settings, their shapes and every figure."""
    taken = tuple(graph.nodes[i].outputs[slot] for i, slot in node.inputs)
    settings = tuple(sorted((name, repr(_plain(value))) for name, value in node.attrs.items()))
    figures = tuple(plain(getattr(node, name)) for name in ("params", "macs", "flops", "reads", "writes"))
    return (node.op, node.kind, node.dtype, settings, _plain(taken), _plain(node.outputs), figures)


def _plain(value: object) -> object:
    return tuple(map(_plain, value)) if isinstance(value, (tuple, list)) else plain(value)


# --- Sequences -----------------------------------------------------------------------------------

_Scores = dict[tuple[int, int], float]


def _aligned(a: list[_Part], b: list[_Part], memo: _Scores) -> list[tuple[int, int]]:
    """The matched nodes below two lists of parts, in order."""
    a, b = _levelled(a, b), _levelled(b, a)
    found: list[tuple[int, int]] = []
    for x, y in _sequence(a, b, memo):
        if x.sign == y.sign and x.size == y.size:
            found += zip(range(x.start, x.stop), range(y.start, y.stop), strict=True)
        elif x.children and y.children:
            found += _aligned(x.children, y.children, memo)
        else:
            found.append((x.start, y.start))
    return found


def _levelled(parts: list[_Part], others: list[_Part]) -> list[_Part]:
    """``parts`` with plain containers opened that have no counterpart of their own size among ``others``."""
    names = {p.name for p in others if p.children and not p.name.isdigit()}
    sizes = [p.size for p in others if p.children]
    usual = median(sizes) if sizes else 1
    made: list[_Part] = []
    for part in parts:
        bulky = part.resolutions > 2 or part.size > 2.5 * usual
        if part.children and part.cls in _CONTAINERS and part.name not in names and bulky and not _in_step(parts, others):
            made += _levelled(part.children, others)
        else:
            made.append(part)
    return made


def _in_step(parts: list[_Part], others: list[_Part]) -> bool:
    """Whether two lists are the numbered members of two lists of one make, such as blocks of a stage."""
    return all(p.name.isdigit() for p in [*parts, *others]) and bool({p.cls for p in parts} & {p.cls for p in others})


def _sequence(a: Sequence[_Part], b: Sequence[_Part], memo: _Scores) -> list[tuple[_Part, _Part]]:
    """The best pairs of two sequences; equal heads and tails are taken as they are."""
    head = 0
    while head < min(len(a), len(b)) and _same(a[head], b[head]):
        head += 1
    tail = 0
    while tail < min(len(a), len(b)) - head and _same(a[-1 - tail], b[-1 - tail]):
        tail += 1
    middle_a, middle_b = a[head : len(a) - tail], b[head : len(b) - tail]
    pairs = _anchored(middle_a, middle_b, memo) if len(middle_a) * len(middle_b) > _MOST_CELLS else _best(middle_a, middle_b, memo)
    ends = list(zip(a[len(a) - tail :], b[len(b) - tail :], strict=True))
    return [*zip(a[:head], b[:head], strict=True), *pairs, *ends]


def _same(x: _Part, y: _Part) -> bool:
    return x.sign == y.sign and x.name == y.name and x.size == y.size


def _anchored(a: Sequence[_Part], b: Sequence[_Part], memo: _Scores) -> list[tuple[_Part, _Part]]:
    """As :func:`_best` for long sequences: equal runs hold, what lies between them is aligned where that is quick."""
    matcher = difflib.SequenceMatcher(None, [p.sign for p in a], [p.sign for p in b], autojunk=False)
    found: list[tuple[_Part, _Part]] = []
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            found += zip(a[i:j], b[k:m], strict=True)
        elif tag == "replace" and (j - i) * (m - k) <= _MOST_CELLS:
            found += _best(a[i:j], b[k:m], memo)
    return found


def _best(a: Sequence[_Part], b: Sequence[_Part], memo: _Scores) -> list[tuple[_Part, _Part]]:
    """Needleman and Wunsch: the order-preserving pairs with the largest sum of scores."""
    scores = [[_score(x, y, memo) for y in b] for x in a]
    best = [[0.0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) - 1, -1, -1):
        for j in range(len(b) - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + scores[i][j])
    pairs, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        if scores[i][j] > 0 and best[i][j] == best[i + 1][j + 1] + scores[i][j]:
            pairs.append((a[i], b[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _score(x: _Part, y: _Part, memo: _Scores) -> float:
    """How well two parts stand for each other; 0 where they cannot."""
    if bool(x.children) != bool(y.children):
        return 0.0
    key = (x.sign, y.sign)
    if key not in memo:
        memo[key] = 2.0 if x.sign == y.sign else _alike(x, y) if x.children else _leaves(x, y)
    alike = memo[key]
    named = x.name == y.name
    if alike < (0.1 if named and x.children else _LEAST_LIKENESS):
        return 0.0
    bonus = 0.0 if not named else 0.05 if x.name.isdigit() else 1.5
    return (alike + bonus) * (1 + log2(min(x.size, y.size)))


def _alike(x: _Part, y: _Part) -> float:
    """Dice's share of the operations that two modules have in common, half of it without regard to resolution."""
    total = x.size + y.size
    coarse_x, coarse_y = _coarse(x), _coarse(y)
    return ((x.features & y.features).total() + (coarse_x & coarse_y).total()) / total


def _coarse(part: _Part) -> Counter[tuple[object, ...]]:
    found: Counter[tuple[object, ...]] = Counter()
    for feature, count in part.features.items():
        found[feature[:-1]] += count
    return found


def _leaves(x: _Part, y: _Part) -> float:
    """Two operations of one kind stand for each other, the better the more they share."""
    (kind, op, kernel, size), (other, *rest) = next(iter(x.features)), next(iter(y.features))
    if kind != other or (kind in ("other", "reshape") and op != rest[0]):
        return 0.0
    return 0.5 + 0.3 * (op == rest[0]) + 0.2 * (kernel == rest[1]) + 0.3 * (size == rest[2])


# --- What the trees left over ----------------------------------------------------------------------


def _filled(a: Graph, b: Graph, matched: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """``matched`` and, in each gap with something on both sides, the operations that do the same at the same resolution."""
    found: list[tuple[int, int]] = []
    for (i, j), (k, m) in pairwise([(-1, -1), *matched, (len(a.nodes), len(b.nodes))]):
        left, right = a.nodes[i + 1 : k], b.nodes[j + 1 : m]
        if left and right and len(left) * len(right) <= _MOST_CELLS:
            found += [(x.start, y.start) for x, y in _best(_bare(a, left), _bare(b, right), {})]
        found.append((k, m))
    return found[:-1]


def _bare(graph: Graph, nodes: Sequence[Node]) -> list[_Part]:
    """Operations as parts that match only where operation and resolution are the same."""
    return [
        _Part("0", "", n.index, n.index + 1, [], Counter([((n.kind, n.op, resolution(n)), n.op, _kernel(n), None)]), hash(operation_signature(graph, n)))
        for n in nodes
    ]
