"""The tree that folds a graph: network, modules, repeats "×N", fused convolutions, operations.

Every item covers a run of consecutive operations, so that a reading of an item is a sum over that run, and the closed
items of any fold state cover each operation exactly once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from blocks.trace.graph import Graph, Node

PLAIN_CONTAINERS = frozenset({"Sequential", "ModuleList", "ModuleDict"})
FUSION_CORES = ("convolution", "linear", "pool")  # kinds that name a fused box
_TRAILING = ("dropout", "reshape")  # kinds that join the box of the core before them
_SIDE_BY_SIDE = 4  # equal branches; up to as many are drawn one beside the other, more are folded
_CROWDED = 12  # items; a larger container also folds blocks of one structure whose widths differ


@dataclass(slots=True, eq=False)
class Item:
    """Anything that can be a box: operations ``start`` to ``stop`` (exclusive) of the graph.

    ``role`` is "module", "repeat", "fused" or "op"; ``call`` is the module call that it is (or lies in).
    ``id`` is made of module paths, so that it names the same item after a knob has changed.
    """

    id: str
    role: str
    start: int
    stop: int
    call: int
    children: list[Item] = field(default_factory=list)
    parent: Item | None = None
    sign: int = 0
    loose: int = 0

    @property
    def opens(self) -> bool:
        """Whether there is something inside."""
        return bool(self.children)

    def walk(self) -> Iterator[Item]:
        """This item and all below it, outermost first."""
        yield self
        for child in self.children:
            yield from child.walk()

    def ancestors(self) -> Iterator[Item]:
        """The items around this one, innermost first."""
        around = self.parent
        while around is not None:
            yield around
            around = around.parent


def fold_tree(graph: Graph) -> Item:
    """The fold tree of ``graph``; the root is the network."""
    root = _nested(graph)
    _open_plain(root, graph)
    consumers = _sole_consumers(graph)
    _shape_up(root, graph, consumers, is_root=True)
    _link(root)
    return root


def _nested(graph: Graph) -> Item:
    root = Item("", "module", 0, len(graph.nodes), 0)
    stack = [root]
    used: dict[str, int] = {}
    for node in graph.nodes:
        chain = _chain(graph, node.scope)
        depth = 0
        while depth < len(chain) and depth + 1 < len(stack) and stack[depth + 1].call == chain[depth]:
            depth += 1
        del stack[depth + 1 :]
        for call in chain[depth:]:
            item = Item(_unique(graph.calls[call].label, used), "module", node.index, node.index, call)
            stack[-1].children.append(item)
            stack.append(item)
        label = graph.calls[node.scope].label if 0 <= node.scope < len(graph.calls) else ""
        stack[-1].children.append(Item(_unique(f"{label}/{node.op}", used), "op", node.index, node.index + 1, max(node.scope, 0)))
        for item in stack:
            item.stop = node.index + 1
    return root


def _open_plain(root: Item, graph: Graph) -> None:
    """Replace a plain container of stages right below the network by its stages."""
    root.children = [inner for child in root.children for inner in (child.children if _holds_stages(child, graph) else [child])]


def _holds_stages(item: Item, graph: Graph) -> bool:
    stages = [c for c in item.children if c.role == "module" and graph.calls[c.call].cls in PLAIN_CONTAINERS]
    return item.role == "module" and graph.calls[item.call].cls in PLAIN_CONTAINERS and len(stages) >= 2


def _chain(graph: Graph, scope: int) -> list[int]:
    """Calls from below the root down to ``scope``."""
    chain: list[int] = []
    while scope > 0 and graph.calls[scope].parent >= 0:
        chain.append(scope)
        scope = graph.calls[scope].parent
    return chain[::-1]


def _unique(id: str, used: dict[str, int]) -> str:
    used[id] = used.get(id, 0) + 1
    return id if used[id] == 1 else f"{id}.{used[id]}"


def _sole_consumers(graph: Graph) -> list[int]:
    """For each operation the only operation that reads it, or -1 if none or several do."""
    found = [-2] * len(graph.nodes)
    for node in graph.nodes:
        for producer, _ in node.inputs:
            found[producer] = node.index if found[producer] in (-2, node.index) else -1
    return [-1 if f == -2 else f for f in found]


def _shape_up(item: Item, graph: Graph, consumers: list[int], is_root: bool = False) -> None:
    """Bottom up: drop wrappers around a single item, fuse convolutions with their norm and activation, fold repeats."""
    for child in item.children:
        if child.role == "module":
            _shape_up(child, graph, consumers)
    item.children = _fused(item.children, graph, consumers)
    if not is_root and len(item.children) == 1:
        _absorb(item, item.children[0], graph)
    for child in item.children:
        _sign(child, graph)
    item.children = _folded(item.children, graph)
    _sign(item, graph)


def _absorb(item: Item, only: Item, graph: Graph) -> None:
    """Merge ``item`` with the only item in it, under its own id and the more telling of the two names."""
    if only.role != "module" or graph.calls[item.call].cls in PLAIN_CONTAINERS:
        item.call = only.call
    item.role = only.role
    item.children = only.children


def _fused(items: list[Item], graph: Graph, consumers: list[int]) -> list[Item]:
    made: list[Item] = []
    before_core = False  # whether this network normalises before its convolutions
    i = 0
    while i < len(items):
        n = _fusable(items, i, graph.nodes, consumers, before_core)
        if n > 1:
            parts = items[i : i + n]
            before_core = graph.nodes[parts[0].start].kind == "norm"
            core = next(p for p in parts if graph.nodes[p.start].kind in FUSION_CORES)
            made.append(Item(f"{core.id}+", "fused", parts[0].start, parts[-1].stop, core.call, parts))
        else:
            made.append(items[i])
        i += max(n, 1)
    return made


def _fusable(items: list[Item], i: int, nodes: list[Node], consumers: list[int], before_core: bool) -> int:
    """How many items from ``i`` on fuse into one box: core norm? activation? trailing*, or norm activation? conv trailing*."""

    def kind(j: int) -> str:
        if j >= len(items) or items[j].role != "op":
            return ""
        linked = j == i or consumers[items[j - 1].start] == items[j].start
        return nodes[items[j].start].kind if linked else ""

    n = 0
    if kind(i) in FUSION_CORES:
        n = 1 + (kind(i + 1) == "norm" and kind(i) != "pool")
        n += kind(i + n) == "activation" and kind(i) != "pool"
    elif kind(i) == "norm" and (before_core or not _after_core(items, i, nodes)):
        n = 1 + (kind(i + 1) == "activation")
        if kind(i + n) != "convolution":
            return 1
        n += 1
    while n and kind(i + n) in _TRAILING:
        n += 1
    return max(n, 1)


def _after_core(items: list[Item], i: int, nodes: list[Node]) -> bool:
    before = items[i - 1] if i else None
    return before is not None and before.role == "op" and nodes[before.start].kind in ("convolution", "linear")


def _sign(item: Item, graph: Graph) -> None:
    """Set two hashes that are equal for equal structure: ``sign`` with sizes, ``loose`` without."""
    if item.role == "op":
        node = graph.nodes[item.start]
        taken = tuple([graph.nodes[i].outputs[slot] for i, slot in node.inputs])
        get = node.attrs.get
        kernel, stride, groups = _hashable(get("kernel")), _hashable(get("stride")), _hashable(get("groups"))
        item.sign = hash((node.op, node.outputs, taken, kernel, stride, groups, node.params))  # a symbolic size hashes as its number
        item.loose = hash((node.op, kernel, stride))
        return
    name = graph.calls[item.call].cls if item.role == "module" else item.role
    item.sign = hash((name, tuple([c.sign for c in item.children])))
    item.loose = hash((name, tuple([c.loose for c in item.children])))


def _hashable(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _folded(items: list[Item], graph: Graph) -> list[Item]:
    made = _runs(items, "sign", graph)
    return _runs(items, "loose", graph) if len(made) > _CROWDED else made


def _runs(items: list[Item], by: str, graph: Graph) -> list[Item]:
    """``items`` with each run of equals folded into one: two blocks or more, three fused convolutions or more, operations never, and few branches neither."""
    made: list[Item] = []
    for _, group in groupby(items, key=lambda item: (item.role, getattr(item, by))):
        run = list(group)
        first = run[0]
        if len(run) >= {"module": 2, "fused": 3}.get(first.role, len(run) + 1) and (len(run) > _SIDE_BY_SIDE or _feeds(run[0], run[1], graph)):
            made.append(
                Item(
                    f"{first.id}×", "repeat", first.start, run[-1].stop, first.call, run, sign=hash((len(run), first.sign)), loose=hash((len(run), first.loose))
                )
            )
        else:
            made.extend(run)
    return made


def _feeds(first: Item, second: Item, graph: Graph) -> bool:
    """Whether ``second`` reads something that ``first`` made: in a chain it does, beside it it does not."""
    return any(first.start <= producer < first.stop for node in graph.nodes[second.start : second.stop] for producer, _ in node.inputs)


def _link(item: Item) -> None:
    for child in item.children:
        child.parent = item
        _link(child)
