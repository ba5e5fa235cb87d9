"""A difference as rows: by operation, by module, by class of module, the costliest first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from blocks.trace.graph import Graph

if TYPE_CHECKING:
    from blocks.cost.diff import Diff, Entry

LEVELS = ("class", "module", "operation")
COSTS = ("params", "macs", "flops", "bytes")
COLUMNS = ("status", "what", "where", "operations", "change", *COSTS, "a", "b")


def rows(diff: Diff, by: str, level: str) -> pd.DataFrame:
    """The rows of :meth:`blocks.cost.diff.Diff.table`: each cost is b's less a's; ``a`` and ``b`` are the first node on each side."""
    if by not in COSTS:
        raise ValueError(f"by = {by!r}: must be one of {', '.join(COSTS)}")
    if level not in LEVELS:
        raise ValueError(f"level = {level!r}: must be one of {', '.join(LEVELS)}")
    whole = {"a": _whole(diff.a, (e.a for e in diff.removed)), "b": _whole(diff.b, (e.b for e in diff.added))}
    groups: dict[tuple[Any, ...], list[tuple[Entry, str]]] = {}
    for number, entry in enumerate(diff.entries):
        if entry.status != "equal":
            what, where = _place(diff, entry, whole)
            key = (entry.status, what, where, number) if level == "operation" else (entry.status, what, where) if level == "module" else (entry.status, what)
            groups.setdefault(key, []).append((entry, where))
    made = [_row(key[0], entry.op if level == "operation" else key[1], entries) for key, entries in groups.items() for entry in [entries[0][0]]]
    frame = pd.DataFrame(made, columns=list(COLUMNS)).astype({"a": "Int64", "b": "Int64"})
    others = [c for c in COSTS if c != by]
    order = frame[[by, *others]].abs().sort_values([by, *others], ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def _row(status: str, what: str, entries: list[tuple[Entry, str]]) -> dict[str, Any]:
    places = list(dict.fromkeys(where for _, where in entries))
    changes = list(dict.fromkeys(change for entry, _ in entries for change in entry.changes))
    return {
        "status": status,
        "what": what,
        "where": _few(places, "places"),
        "operations": len(entries),
        "change": "; ".join(changes) if len(changes) <= 2 else f"{changes[0]} and {len(changes) - 1} more",
        **{cost: sum(entry.delta(cost) for entry, _ in entries) for cost in COSTS},
        "a": next((entry.a for entry, _ in entries if entry.a is not None), None),
        "b": next((entry.b for entry, _ in entries if entry.b is not None), None),
    }


def _few(places: list[str], word: str) -> str:
    if len(places) == 1:
        return places[0] or "(network)"
    return f"{places[0] or '(network)'} … {places[-1] or '(network)'} ({len(places)} {word})"


def _place(diff: Diff, entry: Entry, whole: dict[str, set[int]]) -> tuple[str, str]:
    """(class or operation, module) that an entry is reported under: the outermost module that came or went as a whole."""
    side = "b" if entry.b is not None else "a"
    graph = getattr(diff, side)
    node = graph.nodes[getattr(entry, side)]
    scope = node.scope
    if not 0 <= scope < len(graph.calls):
        return entry.op, ""
    if entry.status in ("added", "removed"):
        above = graph.calls[scope].parent
        while scope in whole[side] and above in whole[side] and graph.calls[above].parent >= 0:
            scope, above = above, graph.calls[above].parent
        if scope in whole[side]:
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
