"""Readings of a box for the overlays: sums over its operations, or a property of its output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

from blocks.analysis import Analysis
from blocks.cost.memory import storage_bytes
from blocks.cost.table import operations
from blocks.trace.symbolic import plain
from viz.graph.tree import Item


@dataclass(frozen=True, slots=True)
class Overlay:
    """One way to colour the graph."""

    id: str
    label: str
    unit: str


OVERLAYS = (
    Overlay("params", "Parameters", ""),
    Overlay("macs", "MACs", ""),
    Overlay("flops", "FLOPs", ""),
    Overlay("bytes", "Bytes moved", "B"),
    Overlay("memory", "Activation memory", "B"),
    Overlay("intensity", "Arithmetic intensity", "FLOP/B"),
    Overlay("field", "Receptive field", "px"),
    Overlay("time", "Time", "s"),
)


class Readings:
    """The readings of one analysis; ``times`` are seconds by node index, measured or estimated (None: no time overlay);
    ``times_from`` says which."""

    def __init__(self, analysis: Analysis, times: Mapping[int, float] | None = None, times_from: str = "") -> None:
        nodes = analysis.graph.nodes
        counted = {n.index for n in operations(analysis.graph)}
        kept = {n.index: 0 for n in nodes}
        for (index, _), size in storage_bytes(analysis.graph).items():
            kept[index] += size
        columns: dict[str, list[Any]] = {
            "params": [plain(n.params) for n in nodes],
            "macs": [plain(n.macs) for n in nodes],
            "flops": [plain(n.flops) for n in nodes],
            "bytes": [plain(n.reads) + plain(n.writes) if n.index in counted else 0 for n in nodes],
            "memory": [kept[n.index] if n.index in counted else 0 for n in nodes],
        }
        if times is not None:
            columns["time"] = [times.get(n.index, 0.0) for n in nodes]
        self._sums = {name: list(accumulate(values, initial=0)) for name, values in columns.items()}
        self._fields = analysis.receptive_fields
        self.overlays = tuple(replace(o, label=times_from or o.label) if o.id == "time" else o for o in OVERLAYS if o.id != "time" or times is not None)

    def total(self, item: Item, reading: str) -> float:
        """The sum of one reading over an item's operations."""
        sums = self._sums[reading]
        return sums[item.stop] - sums[item.start]

    def of(self, item: Item) -> dict[str, float]:
        """All readings of an item; a receptive field only where the input is an image."""
        found = {name: self.total(item, name) for name in self._sums}
        found["intensity"] = found["flops"] / found["bytes"] if found["bytes"] else 0.0
        field = self._fields.get(item.stop - 1)
        if field is not None:
            found["field"] = max(axis.size for axis in field)
        return found
