"""The figures of a network: their words, units, forms and meanings, in one table that every page reads."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import NamedTuple

from blocks.analysis import Analysis
from blocks.language import tr, translatable
from blocks.latency.devices.words import in_ms
from blocks.space.structure import DEVICE_COLUMNS
from viz.kit.numbers import memory, short


class Figure(NamedTuple):
    """One figure. ``form`` writes it in text; an axis shows it times ``scale`` in ``unit``; ``exact_unit`` stands after all its digits."""

    name: str
    label: str
    meaning: str
    form: Callable[[float], str] = short
    unit: str = ""
    scale: float = 1.0
    exact_unit: str = ""

    @property
    def title(self) -> str:
        """What an axis says: "Peak memory (MiB)"; counts have no unit but k, M and G at their numbers."""
        return f"{tr(self.label)} ({self.unit})" if self.unit else tr(self.label)

    @property
    def in_bytes(self) -> bool:
        """Whether it is an amount of memory rather than a count."""
        return self.unit == "MiB"

    def of(self, analysis: Analysis) -> float:
        """Its value for a network, a whole number where it counts something."""
        value: float = getattr(analysis, self.name)
        return value


class _Weights(Figure):
    def of(self, analysis: Analysis) -> float:
        """Numbers in the kernels and matrices of the network: parameters without biases, norms and other single vectors."""
        return sum(prod(map(int, p.shape)) for p in analysis.network.parameters() if len(p.shape) > 1)


def _bytes(name: str, label: str, meaning: str) -> Figure:
    return Figure(name, label, meaning, memory, "MiB", 2**-20, "B")


PARAMS = Figure("params", translatable("Parameters"), translatable("Numbers learned, each counted once."))
MACS = Figure(
    "macs",
    translatable("MACs"),
    translatable("Multiply-accumulates of convolutions, linear layers and matrix products, for the shown batch."),
)
FLOPS = Figure(
    "flops",
    translatable("FLOPs"),
    translatable("2·MACs plus every other arithmetic operation (norms, activations, pooling, additions), each by a stated rule."),
)
BYTES_MOVED = _bytes("bytes_moved", translatable("Bytes moved"), translatable("What each operation reads (inputs, weights) and writes, summed."))
PEAK_MEMORY = _bytes(
    "peak_memory",
    translatable("Peak memory"),
    translatable("Most bytes of activations alive at once, from the tensors' lifetimes; parameters not included."),
)
WEIGHTS = _Weights("weights", translatable("Weight count"), translatable("Numbers in kernels and matrices, without biases and norms."))
INTENSITY = Figure(
    "intensity", translatable("Intensity"), translatable("FLOPs per byte moved: low means that memory bandwidth sets the pace, high that arithmetic does."),
    lambda value: f"{short(value, '', 3)} FLOP/B",
)  # fmt: skip
ESTIMATED_LATENCY = Figure(
    "latency",
    translatable("Estimated latency"),
    translatable("Of one pass, by the roofline of a machine."),
    lambda s: f"{s * 1e3:.3g} ms",
    "ms",
    1e3,
)
DEVICE_TIME = Figure(
    DEVICE_COLUMNS[0],
    translatable("Estimated device time"),
    translatable("Of one picture, by the model of docs/devices.md."),
    lambda s: f"≈ {in_ms(s * 1e3, 3)} ms",
    "ms",
    1e3,
)

#: What every page shows of a network first.
HEADLINE = (PARAMS, MACS, FLOPS, BYTES_MOVED, PEAK_MEMORY)
#: What a chart over many networks can show, by column.
CHART_FIGURES = {f.name: f for f in (*HEADLINE, ESTIMATED_LATENCY, DEVICE_TIME)}
#: By the short names that lectures and layer tables have.
QUANTITIES = {"params": PARAMS, "macs": MACS, "flops": FLOPS, "weights": WEIGHTS, "bytes": BYTES_MOVED, "memory": PEAK_MEMORY}
