"""The figures that charts can show: their words, units and forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from viz.kit.numbers import memory, short


class Figure(NamedTuple):
    """One figure: column in tables, words, unit on an axis, factor from the column to that unit, form in text."""

    name: str
    label: str
    unit: str
    scale: float
    form: Callable[[float], str]

    @property
    def title(self) -> str:
        """What an axis says: "Peak memory (MiB)"; counts have no unit but k, M and G at their numbers."""
        return f"{self.label} ({self.unit})" if self.unit else self.label


FIGURES = {
    f.name: f
    for f in (
        Figure("params", "Parameters", "", 1.0, short),
        Figure("macs", "MACs", "", 1.0, short),
        Figure("flops", "FLOPs", "", 1.0, short),
        Figure("bytes_moved", "Bytes moved", "MiB", 2**-20, memory),
        Figure("peak_memory", "Peak memory", "MiB", 2**-20, memory),
        Figure("latency", "Estimated latency", "ms", 1e3, lambda s: f"{s * 1e3:.3g} ms"),
    )
}
