"""Machines as a roof: peak arithmetic by dtype and memory bandwidth, published by the vendor or measured on the device at hand."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from blocks import reference
from blocks.knobs import KnobError
from blocks.language import translatable

PEAK_DTYPES = ("float64", "float32", "tf32", "bfloat16", "float16")

#: Kinds of operation whose efficiency differs, in the order of tables; :func:`blocks.latency.roofline.work.group_of` sorts operations into them.
GROUPS: dict[str, str] = {
    "dense": translatable("k × k convolution"),
    "pointwise": translatable("1 × 1 convolution"),
    "grouped": translatable("grouped convolution"),
    "depthwise": translatable("depthwise convolution"),
    "matrix": translatable("linear and attention"),
    "elementwise": translatable("norm, activation, add"),
    "pool": translatable("pooling"),
    "move": translatable("concatenate, copy, resize"),
}

#: Seconds per operation that a GPU takes before it does any work (a launch from PyTorch's eager mode). Assumed: the published
#: throughputs are of large batches, where it does not show.
LAUNCH = 1e-5


@dataclass(frozen=True)
class Efficiency:
    """Share of the roof that each group of operations reaches, and how well that predicts.

    ``factors`` has a share for each of :data:`GROUPS` (above 1 where data come from a cache or operations are fused);
    ``overhead`` is seconds per operation; ``basis`` says what they rest on. ``error`` is the median of |predicted / measured - 1| on
    what the fit has not seen, ``held_out``, at ``tested`` (smallest and largest batch, dtype). Outside of that the error is not known.
    """

    factors: Mapping[str, float]
    overhead: float
    error: float | None
    basis: str
    tested: tuple[int, int, str] = (1, 1, "float32")
    held_out: str = ""

    def error_words(self, batch: int, dtype: str) -> str:
        """A sentence on the error at that batch and dtype, or that it is not known there; "" where nothing was tested."""
        if self.error is None:
            return ""
        low, high, tested = self.tested
        percent, held_out = round(100 * self.error), self.held_out
        if self.error_at(batch, dtype) is None:
            networks, batches = held_out or translatable("measured networks"), _batches(low, high)
            return translatable(
                f"How far off it is at batch {batch}, {dtype}, is not known; on {networks}, at {batches}, {tested}, such estimates were off by {percent} % in the median."
            )
        if held_out:
            return translatable(f"On {held_out}, such estimates were off by {percent} % in the median.")
        return translatable(f"Where a measurement is known, such estimates were off by {percent} % in the median.")

    def error_at(self, batch: int, dtype: str) -> float | None:
        """The error where it was tested, within a factor of two of the batches; else None."""
        low, high, tested = self.tested
        return self.error if dtype == tested and low / 2 <= batch <= 2 * high else None


@dataclass(frozen=True)
class Machine:
    """A device as an estimate sees it: operations a second by dtype, bytes a second of its memory, shares of both that are reached.

    ``source`` says where the figures are from; ``measured`` whether they were probed here. ``kind`` is "gpu" or "cpu".
    """

    name: str
    title: str
    source: str
    bandwidth: float
    peaks: Mapping[str, float]
    efficiency: Efficiency
    kind: str = "gpu"
    measured: bool = False
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def overhead(self) -> float:
        """Seconds that an operation costs before it does any work."""
        return self.efficiency.overhead

    def peak(self, dtype: str = "float32") -> float:
        """Operations a second of matrix products in ``dtype``. Raises :class:`KnobError` where the machine has no figure for it."""
        if dtype not in self.peaks:
            near = [d for d in ("float16", "float32", "float64") if d in self.peaks]
            raise KnobError("dtype", dtype, f"has no figure for {self.title}; it has {', '.join(self.peaks)}", near[:1])
        return self.peaks[dtype]

    def ridge(self, dtype: str = "float32") -> float:
        """Operations a byte at which arithmetic and memory take equally long."""
        return self.peak(dtype) / self.bandwidth


def _batches(low: int, high: int) -> str:
    return translatable(f"a batch of {low}") if low == high else translatable(f"batch {low} to {high}")


@functools.cache
def published_machines() -> tuple[Machine, ...]:
    """Machines with figures of their vendor."""
    return tuple(replace(m, efficiency=efficiency_of(m.name)) for m in machine_roofs().values())


@functools.cache
def machine_roofs() -> dict[str, Machine]:
    """The published machines by name, without efficiencies: what those are fitted against."""
    return {row["name"]: _from_row(row) for _, row in reference.machines().iterrows()}


def _from_row(row: pd.Series) -> Machine:
    peaks = {d: 1e12 * row[f"{d}_tflops"] for d in PEAK_DTYPES if pd.notna(row[f"{d}_tflops"])}
    at_the_roof = Efficiency(dict.fromkeys(GROUPS, 1.0), 0.0, None, "at the roof")
    return Machine(row["name"], row["title"], row["source"], 1e9 * row["bandwidth_gbs"], peaks, at_the_roof, row["kind"])


@functools.cache
def efficiency_of(name: str) -> Efficiency:
    """The factors fitted on that machine's own published throughputs, or on all GPUs' where it has none."""
    table = reference.efficiency()
    rows = table[table["machine"] == name]
    own = not rows.empty
    if not own:
        rows = table[table["machine"] == "pooled"]
    first = rows.iloc[0]
    factors = dict(zip(rows["group"], rows["factor"], strict=True))
    overhead = float(factors.pop("overhead", LAUNCH))
    at = f"{_batches(first['batch_low'], first['batch_high'])}, {first['dtype']}"
    rates, networks, setup = first["rows"], first["networks"], first["setup"]
    what = (
        translatable(f"factors fitted on {rates} published throughputs of {networks} networks ({setup}; {at})")
        if own
        else translatable(f"mean factors of other GPUs ({setup}; {at}), as none is published for this one")
    )
    return Efficiency(
        factors,
        overhead,
        float(first["error"]),
        what,
        (int(first["batch_low"]), int(first["batch_high"]), str(first["dtype"])),
        translatable("networks left out of the fit") if own else translatable("a GPU left out of the fit"),
    )
