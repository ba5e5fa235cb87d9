"""The viewer's state as the browser sends it, checked against the graph. Nothing from the browser is trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from viz.graph.dot import DIRECTIONS
from viz.graph.fold import FOLD_LEVELS, Fold
from viz.graph.tree import Item

DOWNLOAD_FORMATS = ("svg", "png", "pdf", "html", "dot", "mermaid", "json")


@dataclass(frozen=True, slots=True)
class ViewState:
    """One viewer's state: the open items (or the ``level`` that opens them), the selection, a search, a download."""

    of: str = ""
    level: str = "stage"
    open: frozenset[str] = frozenset()
    selected: str | None = None
    ref: str | None = None
    find: str = ""
    reveal: str | None = None
    direction: str = "TB"
    export: Mapping[str, Any] = field(default_factory=dict)
    n: int = 0  # number of messages that the browser has sent, so that it can tell which one an answer belongs to


def parse_view_state(raw: object, of: str, direction: str) -> ViewState:
    """The view state in ``raw``, which may be anything; of a state of another network only the level is kept."""
    if not isinstance(raw, Mapping) or raw.get("of") != of:
        level = raw.get("level") if isinstance(raw, Mapping) else None
        return ViewState(of, level if level in FOLD_LEVELS else "stage", direction=direction, n=_count(raw))
    opened = raw.get("open")
    asked = raw.get("direction")
    return ViewState(
        of,
        raw["level"] if raw.get("level") in FOLD_LEVELS else "",
        frozenset(i for i in opened if isinstance(i, str)) if isinstance(opened, (list, tuple)) else frozenset(),
        _text(raw.get("selected")),
        _text(raw.get("ref")),
        (_text(raw.get("find")) or "")[:100],
        _text(raw.get("reveal")),
        asked if asked in DIRECTIONS else direction,
        raw["export"] if isinstance(raw.get("export"), Mapping) and raw["export"].get("format") in DOWNLOAD_FORMATS else {},
        _count(raw),
    )


def _count(raw: object) -> int:
    n = raw.get("n") if isinstance(raw, Mapping) else 0
    return n if isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 2**53 else 0


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def open_items(view: ViewState, fold: Fold) -> frozenset[str]:
    """The open items: the level's or the user's own, and those that must open to reveal an item."""
    open = fold.preset(view.level) if view.level else view.open
    if view.reveal in fold.items:
        open |= fold.neighbourhood(view.reveal or "")
    return open


def without_missing_tensor(view: ViewState, fold: Fold) -> ViewState:
    """``view`` without a selected tensor that the graph lacks."""
    if view.ref is None:
        return view
    parts = view.ref.split(".")
    nodes = fold.graph.nodes
    known = (
        len(parts) == 2 and all(p.isascii() and p.isdigit() for p in parts) and int(parts[0]) < len(nodes) and int(parts[1]) < len(nodes[int(parts[0])].outputs)
    )
    return view if known else replace(view, ref=None)


@dataclass(frozen=True, slots=True)
class Selection:
    """What is selected: an item and the operations (node indices ``start`` to ``stop``, exclusive) that it covers.

    ``ref`` is the selected tensor as "node.slot", or None.
    """

    id: str
    start: int
    stop: int
    ref: str | None = None

    @staticmethod
    def of(item: Item | None, ref: str | None) -> Selection | None:
        """The selection of ``item``."""
        return None if item is None else Selection(item.id, item.start, item.stop, ref)
