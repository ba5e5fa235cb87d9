"""Fold states: which items are open, what is then visible, and what flows between the visible items.

A state is the set of open items' ids. Ids that the graph lacks are kept and ignored, so that a module that a knob removes
and brings back is still open.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from blocks.language import tr
from blocks.trace.graph import Graph, Ref, Shape
from blocks.trace.memo import Bounded
from viz.graph.paths import path_kinds
from viz.graph.tree import PLAIN_CONTAINERS, Item, fold_tree

FOLD_LEVELS = ("stage", "block", "operation")
_FEW, _MANY = 6, 24  # a stage-level picture has about this many boxes
_UNFOLDED_UP_TO = 40  # boxes; a smaller picture needs no folding
MAX_BOXES = 2500  # visible boxes; nobody can read more, and layout would take seconds


class TooManyBoxes(ValueError):
    """A fold state shows more boxes than can be laid out; ``count`` says how many."""

    def __init__(self, count: int) -> None:
        self.count = count
        said = tr(
            "This would draw {count} boxes; up to {most} can be drawn. Close some modules, or open only the stage you need.",
            count=f"{count:,}",
            most=f"{MAX_BOXES:,}",
        )
        super().__init__(said)


@dataclass(frozen=True, slots=True)
class VisibleEdge:
    """A tensor that one visible item passes to another; ``path`` is "", "residual" or "concat"."""

    source: str
    target: str
    ref: Ref
    shape: Shape
    path: str = ""


@dataclass(frozen=True, slots=True)
class Folded:
    """What a fold state shows: closed items in execution order, the open ones around them (outermost first), and edges."""

    nodes: tuple[Item, ...]
    clusters: tuple[Item, ...]
    edges: tuple[VisibleEdge, ...]


#: Operations of all graphs whose folds are kept.
_kept: Bounded[tuple[Graph, Fold]] = Bounded(20_000)


def fold_of(graph: Graph) -> Fold:
    """The fold of ``graph``, from a bounded cache."""
    known = _kept.used(id(graph))
    if known is None:
        known = graph, Fold(graph)  # holding the graph keeps its id from being reused
        _kept.put(id(graph), known, len(graph.nodes))
    return known[1]


class Fold:
    """The fold tree of one graph, with sums over its items."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.root = fold_tree(graph)
        self.items = {item.id: item for item in self.root.walk()}
        self._leaves: list[Item] = [self.root] * len(graph.nodes)
        for item in self.items.values():
            if not item.children:
                for index in range(item.start, item.stop):
                    self._leaves[index] = item
        self._paths = path_kinds(graph)

    # --- What is visible ---------------------------------------------------------------------------

    def visible(self, open: Collection[str]) -> tuple[list[Item], list[Item]]:
        """(closed items in execution order, open items outermost first)."""
        nodes: list[Item] = []
        clusters: list[Item] = []
        stack = list(reversed(self.root.children))
        while stack:
            item = stack.pop()
            if item.children and item.id in open:
                clusters.append(item)
                stack.extend(reversed(item.children))
            else:
                nodes.append(item)
        return nodes, clusters

    def folded(self, open: Collection[str]) -> Folded:
        """The content of the picture. Raises :class:`TooManyBoxes` where nobody could read it."""
        nodes, clusters = self.visible(open)
        if len(nodes) > MAX_BOXES:
            raise TooManyBoxes(len(nodes))
        return Folded(tuple(nodes), tuple(clusters), tuple(self._edges(nodes)))

    def _edges(self, nodes: Iterable[Item]) -> list[VisibleEdge]:
        owner = [""] * len(self.graph.nodes)
        for item in nodes:
            owner[item.start : item.stop] = [item.id] * (item.stop - item.start)
        found: dict[tuple[str, str, Ref], set[str]] = {}
        for node in self.graph.nodes:
            target = owner[node.index]
            for ref in node.inputs:
                if owner[ref[0]] != target:
                    found.setdefault((owner[ref[0]], target, ref), set()).add(self.path(ref, node.index))
        return [VisibleEdge(s, t, ref, self.graph.nodes[ref[0]].outputs[ref[1]], min(kinds)) for (s, t, ref), kinds in found.items()]

    def path(self, ref: Ref, consumer: int) -> str:
        """The kind of path on which tensor ``ref`` reaches operation ``consumer``: "residual", "concat" or ""."""
        return self._paths.get((ref, consumer), "")

    def shown(self, index: int, open: Collection[str]) -> str:
        """Id of the visible item that operation ``index`` lies in."""
        item = self._leaves[index]
        chain = [item, *item.ancestors()]
        for around in reversed(chain[:-1]):
            if around.id not in open or not around.children:
                return around.id
        return item.id

    # --- States ------------------------------------------------------------------------------------

    def preset(self, level: str) -> frozenset[str]:
        """The open set of "stage", "block" or "operation"."""
        if level == "operation":
            return frozenset(item.id for item in self.root.walk() if item.children)
        return self._stages() if level == "stage" else self._blocks()

    def _stages(self) -> frozenset[str]:
        """Open the largest modules until there are enough boxes."""
        open: set[str] = set()
        while True:
            nodes, _ = self.visible(open)
            modules = [n for n in nodes if n.role == "module" and len(nodes) - 1 + len(n.children) <= _MANY]
            if len(nodes) >= _FEW or not modules:
                return frozenset(open)
            open.add(max(modules, key=lambda n: n.stop - n.start).id)

    def _blocks(self) -> frozenset[str]:
        """Open containers down to the blocks, as long as the picture stays readable; in a small network open every module."""
        modules = frozenset(item.id for item in self.root.walk() if item.role == "module")
        if len(self.visible(modules)[0]) <= _UNFOLDED_UP_TO:
            return modules
        open = set(self._stages())
        level = [self.root]
        while level:
            level = [child for item in level for child in item.children if child.role == "module" and (child.id in open or self._holds_blocks(child))]
            more = open | {item.id for item in level}
            if len(self.visible(more)[0]) > 8 * _MANY:
                break
            open = more
        return frozenset(open)

    def _holds_blocks(self, item: Item) -> bool:
        """Whether the same class of block occurs twice in it, directly or in plain containers."""
        seen: set[str] = set()
        stack = list(item.children)
        while stack:
            child = stack.pop()
            if child.role == "repeat" and child.children[0].role == "module":
                return True
            if child.role != "module":
                continue
            name = self.graph.calls[child.call].cls
            if name in PLAIN_CONTAINERS:
                stack.extend(child.children)
            elif name in seen:
                return True
            seen.add(name)
        return False

    def neighbourhood(self, id: str) -> frozenset[str]:
        """The items that must be open for ``id`` to be seen."""
        return frozenset(item.id for item in self.items[id].ancestors() if item is not self.root)
