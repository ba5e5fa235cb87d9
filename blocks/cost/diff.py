"""The difference of two traced networks: operations and parameters added, removed, changed, equal, and what each costs.

from blocks import analyse
from blocks.cost.diff import diff

d = diff(analyse("resnet50"), analyse("seresnet50"))
d.added, d.removed, d.changed, d.equal     # entries; together they hold every operation of both sides once
d.summary, d.table(level="class")          # pandas
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import pandas as pd
from torch import nn

from blocks.cost.alignment import align_graphs, operation_signature
from blocks.cost.diff_table import DIFF_COSTS, DiffEntry, diff_table
from blocks.cost.table import setting
from blocks.language import translatable
from blocks.trace.graph import Graph, Node
from blocks.trace.rules.registry import show_shape
from blocks.trace.symbolic import plain

STATUSES = ("added", "removed", "changed", "equal")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter tensor of either side, or a pair; names and shapes are None on the side that has none."""

    status: str
    a: str | None
    b: str | None
    shape_a: tuple[int, ...] | None
    shape_b: tuple[int, ...] | None


@dataclass
class Diff:
    """The difference of ``a`` and ``b``; false where nothing differs.

    ``entries`` has every operation of both sides once, ``parameters`` every parameter tensor (empty where only graphs were given: a graph
    does not know the tensors). Costs are for the traced batch and dtype; bytes are reads + writes.
    """

    a: Graph
    b: Graph
    entries: list[DiffEntry]
    parameters: list[Parameter]

    def __bool__(self) -> bool:
        return any(e.status != "equal" for e in self.entries) or any(p.status != "equal" for p in self.parameters)

    def of(self, status: str) -> list[DiffEntry]:
        """The entries of one status."""
        return [e for e in self.entries if e.status == status]

    @property
    def added(self) -> list[DiffEntry]:
        """Operations that only b has."""
        return self.of("added")

    @property
    def removed(self) -> list[DiffEntry]:
        """Operations that only a has."""
        return self.of("removed")

    @property
    def changed(self) -> list[DiffEntry]:
        """Operations that both have, with other settings, shapes, figures or inputs."""
        return self.of("changed")

    @property
    def equal(self) -> list[DiffEntry]:
        """Operations that both have, alike in everything."""
        return self.of("equal")

    def marks(self, side: str) -> dict[int, str]:
        """Status by node index, for a picture of the side "a" or "b"."""
        return {index: e.status for e in self.entries if (index := getattr(e, side)) is not None}

    @cached_property
    def partner(self) -> dict[int, int]:
        """The node of b for each node of a that has one."""
        return {e.a: e.b for e in self.entries if e.a is not None and e.b is not None}

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Operations and parameters of each side by status; the last row holds the totals, parameters that no operation uses included."""
        made = {s: _sums([e for e in self.entries if e.status == s]) for s in STATUSES}
        made["unused"] = {"operations_a": 0, "operations_b": 0, "params_a": plain(self.a.unused_params), "params_b": plain(self.b.unused_params)}
        frame = pd.DataFrame.from_dict(made, orient="index").astype("int64")
        frame.loc["all"] = frame.sum()
        return frame

    def total(self, cost: str) -> tuple[int, int]:
        """``cost`` of both sides, all operations together."""
        return sum(e.before[cost] for e in self.entries), sum(e.after[cost] for e in self.entries)

    def table(self, by: str = "macs", level: str = "module") -> pd.DataFrame:
        """What differs, the costliest difference in ``by`` first.

        ``level`` "operation" has one row per entry, "module" one per module (an added or removed module is one row, whatever is inside), "class"
        one per class of module. Each cost is b's less a's; the columns a and b hold the first node of each side. Raises ValueError for another level or cost.
        """
        return diff_table(self.entries, self.a, self.b, by, level)


def _sums(entries: list[DiffEntry]) -> dict[str, int]:
    return {
        "operations_a": sum(e.a is not None for e in entries),
        "operations_b": sum(e.b is not None for e in entries),
        "params_a": sum(e.before["params"] for e in entries),
        "params_b": sum(e.after["params"] for e in entries),
    }


class DiffSide(Protocol):
    """A traced network, such as :class:`blocks.analysis.Analysis`."""

    @property
    def graph(self) -> Graph:
        """The trace."""

    @property
    def network(self) -> nn.Module:
        """The module that was traced."""


def diff(a: DiffSide | Graph, b: DiffSide | Graph) -> Diff:
    """The difference of two traced networks, given as analyses or as their graphs. Pure; nothing is traced again."""
    graph_a, graph_b = (side if isinstance(side, Graph) else side.graph for side in (a, b))
    pairs = align_graphs(graph_a, graph_b)
    partner = {i: j for i, j in pairs if i is not None and j is not None}
    entries = [_entry(graph_a, graph_b, i, j, partner) for i, j in pairs]
    parameters = [] if isinstance(a, Graph) or isinstance(b, Graph) else _parameters(a, b, pairs)
    return Diff(graph_a, graph_b, entries, parameters)


_NOTHING = dict.fromkeys(DIFF_COSTS, 0)


def _costs(node: Node) -> dict[str, int]:
    moved = 0 if node.kind in ("input", "output") else plain(node.reads) + plain(node.writes)
    return {"params": plain(node.params), "macs": plain(node.macs), "flops": plain(node.flops), "bytes": moved}


def _entry(a: Graph, b: Graph, i: int | None, j: int | None, partner: Mapping[int, int]) -> DiffEntry:
    if i is None or j is None:
        graph, index = (b, j) if i is None else (a, i)
        node = graph.nodes[index or 0]
        costs = _costs(node)
        status, sides = ("added", (_NOTHING, costs)) if i is None else ("removed", (costs, _NOTHING))
        return DiffEntry(status, i, j, _path(graph, node), node.op, node.kind, (), *sides)
    x, y = a.nodes[i], b.nodes[j]
    changes = _changes(a, b, x, y)
    if _rewired(x, y, partner):
        changes.append(translatable("takes its input from elsewhere"))
    return DiffEntry("changed" if changes else "equal", i, j, _path(b, y), y.op, y.kind, tuple(changes), _costs(x), _costs(y))


def _path(graph: Graph, node: Node) -> str:
    return graph.label(node) if 0 <= node.scope < len(graph.calls) else ""


def _changes(a: Graph, b: Graph, x: Node, y: Node) -> list[str]:
    """What differs between two operations, in words; [] where nothing does."""
    if operation_signature(a, x) == operation_signature(b, y):
        return []
    said = []
    if x.op != y.op:
        said.append(f"{x.op} → {y.op}")
    if setting(x) != setting(y):
        said.append(f"{setting(x) or '–'} → {setting(y) or '–'}")
    before, after = _flow(a, x), _flow(b, y)
    if before != after:
        said.append(translatable(f"{before} becomes {after}"))
    if x.dtype != y.dtype or x.itemsize != y.itemsize:
        said.append(f"{8 * x.itemsize}-bit → {8 * y.itemsize}-bit {y.dtype}" if x.dtype == y.dtype else f"{x.dtype} → {y.dtype}")
    if not said:
        moved = [name for name in ("params", "macs", "flops", "reads", "writes") if plain(getattr(x, name)) != plain(getattr(y, name))]
        costs = ", ".join(moved)
        said.append(translatable(f"differs in {costs}") if moved else translatable("other settings"))
    return said


def _flow(graph: Graph, node: Node) -> str:
    """``input → output``: the shapes, each input's once."""
    taken = dict.fromkeys(show_shape(graph.nodes[p].outputs[s]) for p, s in node.inputs)
    return f"{' and '.join(taken) or 'nothing'} → {', '.join(map(show_shape, node.outputs)) or 'nothing'}"


def _rewired(x: Node, y: Node, partner: Mapping[int, int]) -> bool:
    """Whether both take an input from an operation that the other network has too, and takes it from elsewhere."""
    back = set(partner.values())
    taken = {partner[p] for p, _ in x.inputs if p in partner}
    given = {p for p, _ in y.inputs if p in back}
    return bool(taken - given) and bool(given - taken)


# --- Parameter tensors -----------------------------------------------------------------------------


def _parameters(a: DiffSide, b: DiffSide, pairs: list[tuple[int | None, int | None]]) -> list[Parameter]:
    """Every parameter tensor of both networks, once: matched through the operations that use them, else by name."""
    left, right = ({name: tuple(map(plain, p.shape)) for name, p in side.network.named_parameters()} for side in (a, b))
    found: list[Parameter] = []
    for i, j in pairs:
        if i is not None and j is not None:
            theirs = {name.rsplit(".", 1)[-1]: name for name in b.graph.nodes[j].weights}
            for name in a.graph.nodes[i].weights:
                other = theirs.get(name.rsplit(".", 1)[-1], "")
                if name in left and other in right:
                    found.append(_tensor(name, other, left.pop(name), right.pop(other)))
    used = {name for side in (a, b) for node in side.graph.nodes for name in node.weights}
    found += [_tensor(name, name, left.pop(name), right.pop(name)) for name in [n for n in left if n in right and n not in used]]
    found += [Parameter("removed", name, None, shape, None) for name, shape in left.items()]
    return found + [Parameter("added", None, name, None, shape) for name, shape in right.items()]


def _tensor(a: str, b: str, shape_a: tuple[int, ...], shape_b: tuple[int, ...]) -> Parameter:
    return Parameter("equal" if shape_a == shape_b else "changed", a, b, shape_a, shape_b)
