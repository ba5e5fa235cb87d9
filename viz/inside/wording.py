"""Numbers and operations as the Inside page writes them."""

from __future__ import annotations

from blocks.analysis import Analysis
from blocks.trace.graph import Node


def written(value: float, digits: int = 5) -> str:
    """A number of a calculation with so many significant digits, however small it is."""
    return f"{value:.{digits}g}".replace("-", "−")


def node_words(analysis: Analysis, node: Node) -> str:
    """An operation in words: its number, name, module and the shape of what it gives."""
    path = analysis.graph.calls[node.scope].label if node.scope >= 0 and node.kind not in ("input", "output") else ""
    return f"{node.index} · {node.op} · {path + ' · ' if path else ''}{' × '.join(map(str, node.shape[1:]))}"
