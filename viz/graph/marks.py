"""Marks of a comparison on the graph: added, removed, changed, or equal."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from viz.graph.fold import Fold
from viz.graph.tree import Item

DIFFERENCES = ("added", "removed", "changed", "equal")


def item_marks(fold: Fold, by_node: Mapping[int, str]) -> dict[str, str]:
    """Marks by node index as marks by item id, for the items that cover one operation."""
    return {item.id: by_node[item.start] for item in fold.items.values() if not item.children and item.start in by_node}


def shown_marks(visible: Collection[Item], marks: Mapping[str, str]) -> dict[str, str]:
    """The mark of each visible item: its own, or that of the items inside ("changed" where they differ)."""
    found = {}
    for item in visible:
        mark = marks.get(item.id) or _inside(item, marks)
        if mark in DIFFERENCES:
            found[item.id] = mark
    return found


def _inside(item: Item, marks: Mapping[str, str]) -> str:
    said = {marks[inner.id] for inner in item.walk() if inner.id in marks}
    return said.pop() if len(said) == 1 else "changed" if said else ""
