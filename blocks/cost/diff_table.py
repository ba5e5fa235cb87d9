"""A difference as rows: by operation, by module, by class of module, the costliest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from blocks.language import retell, tr
from blocks.trace.graph import Graph

DIFF_LEVELS = ("class", "module", "operation")
DIFF_COSTS = ("params", "macs", "flops", "bytes")
_COLUMNS = ("status", "what", "where", "operations", "change", *DIFF_COSTS, "a", "b")


@dataclass(frozen=True, slots=True)
class DiffEntry:
    """One operation of either side, or a pair of operations that stand for each other.

    ``a`` and ``b`` are node indices (None where that side has none); ``path`` is the module on the side b, else a; ``changes`` says
    what differs, as "kernel 3×3 → 5×5". ``before`` and ``after`` hold the four costs ("params", "macs", "flops" and "bytes") of each side.
    """

    status: str
    a: int | None
    b: int | None
    path: str
    op: str
    kind: str
    changes: tuple[str, ...]
    before: Mapping[str, int]
    after: Mapping[str, int]

    def delta(self, cost: str) -> int:
        """What the side b has more of ``cost``."""
        return self.after[cost] - self.before[cost]


def diff_table(entries: Sequence[DiffEntry], a: Graph, b: Graph, by: str, level: str) -> pd.DataFrame:
    """What differs between the graphs ``a`` and ``b``, as rows; see :meth:`blocks.cost.diff.Diff.table`."""
    if by not in DIFF_COSTS:
        raise ValueError(f"by = {by!r}: must be one of {', '.join(DIFF_COSTS)}")
    if level not in DIFF_LEVELS:
        raise ValueError(f"level = {level!r}: must be one of {', '.join(DIFF_LEVELS)}")
    removed, added = ((e for e in entries if e.status == status) for status in ("removed", "added"))
    sides = {"a": (a, _whole(a, (e.a for e in removed))), "b": (b, _whole(b, (e.b for e in added)))}
    groups: dict[tuple[str, str, tuple[object, ...]], list[tuple[DiffEntry, str]]] = {}
    for number, entry in enumerate(entries):
        if entry.status != "equal":
            what, where = _place(sides, entry)
            parts: tuple[object, ...] = {"class": (), "module": (where,), "operation": (where, number)}[level]
            groups.setdefault((entry.status, entry.op if level == "operation" else what, parts), []).append((entry, where))
    made = [_row(status, what, members) for (status, what, _), members in groups.items()]
    frame = pd.DataFrame(made, columns=list(_COLUMNS)).astype({"a": "Int64", "b": "Int64"})
    others = [c for c in DIFF_COSTS if c != by]
    order = frame[[by, *others]].abs().sort_values([by, *others], ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def _row(status: str, what: str, entries: list[tuple[DiffEntry, str]]) -> dict[str, object]:
    places = list(dict.fromkeys(where for _, where in entries))
    changes = list(dict.fromkeys(retell(change) for entry, _ in entries for change in entry.changes))
    return {
        "status": status,
        "what": what,
        "where": _few(places),
        "operations": len(entries),
        "change": "; ".join(changes) if len(changes) <= 2 else tr("{first} and {n} more", first=changes[0], n=len(changes) - 1),
        **{cost: sum(entry.delta(cost) for entry, _ in entries) for cost in DIFF_COSTS},
        "a": next((entry.a for entry, _ in entries if entry.a is not None), None),
        "b": next((entry.b for entry, _ in entries if entry.b is not None), None),
    }


def _few(places: list[str]) -> str:
    if len(places) == 1:
        return places[0] or tr("(network)")
    return tr("{first} … {last} ({n} places)", first=places[0] or tr("(network)"), last=places[-1] or tr("(network)"), n=len(places))


def _place(sides: Mapping[str, tuple[Graph, set[int]]], entry: DiffEntry) -> tuple[str, str]:
    """(class or operation, module) that an entry is reported under: the outermost module that came or went as a whole."""
    side = "b" if entry.b is not None else "a"
    graph, whole = sides[side]
    node = graph.nodes[getattr(entry, side)]
    scope = node.scope
    if not 0 <= scope < len(graph.calls):
        return entry.op, ""
    if entry.status in ("added", "removed"):
        above = graph.calls[scope].parent
        while scope in whole and above in whole and graph.calls[above].parent >= 0:
            scope, above = above, graph.calls[above].parent
        if scope in whole:
            return graph.calls[scope].cls, graph.calls[scope].label
    own = graph.calls[scope]
    return (entry.op if any(c.parent == scope for c in graph.calls) or own.parent < 0 else own.cls), own.label


def _whole(graph: Graph, indices: Iterable[int | None]) -> set[int]:
    """The calls all of whose operations are among ``indices``."""
    gone = set(indices)
    partly: set[int] = set()
    seen: set[int] = set()
    for node in graph.nodes:
        scope = node.scope
        while 0 <= scope < len(graph.calls):
            seen.add(scope)
            if node.index not in gone:
                partly.add(scope)
            scope = graph.calls[scope].parent
    return seen - partly
