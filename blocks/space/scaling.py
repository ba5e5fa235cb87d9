"""Figures over a range of one or two knobs, and compound scaling: pure functions from values to a table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from blocks.families.efficientnet import EFFICIENTNET_VARIANTS, RESOLUTION, growth
from blocks.knobs import KnobError
from blocks.language import translatable
from blocks.latency.roofline.estimate import estimate
from blocks.latency.roofline.machines import Machine
from blocks.space.axes import DesignAxis, moved_variant
from blocks.space.count import SAME_RULE, NetworkVariant, Setup, analysis_of, count_variants
from blocks.space.device_time import DeviceTimer
from blocks.space.structure import COUNTED_FIGURES, DEVICE_COLUMNS
from blocks.trace.errors import TraceError

#: Column of an estimate, beside :data:`~blocks.space.structure.COUNTED_FIGURES`.
LATENCY_COLUMN = "latency"
SCALED_DIMENSIONS = (translatable("width"), translatable("depth"), translatable("resolution"), translatable("compound"))


def values_over(
    setup: Setup,
    base: Mapping[str, object],
    side: int | None,
    along: DesignAxis,
    values: Sequence[object],
    across: DesignAxis | None = None,
    rows: Sequence[object] = (None,),
    machine: Machine | None = None,
    device: str = "",
) -> tuple[pd.DataFrame, list[str]]:
    """One row per combination of ``values`` (and ``rows`` of a second axis) with all figures; and a sentence for each kind that could not be counted.

    Columns: the axes' names, :data:`~blocks.space.structure.COUNTED_FIGURES`, with a ``machine`` :data:`LATENCY_COLUMN`, its estimate in seconds, and with a ``device``
    (:func:`blocks.latency.devices.asked.read_device`) :data:`~blocks.space.structure.DEVICE_COLUMNS`.
    """
    grid = [{along.name: v} | ({across.name: r} if across is not None else {}) for r in rows for v in values]
    variants = [moved_variant(base, side, moved) for moved in grid]
    timer = DeviceTimer(device, setup) if device else None
    counts = count_variants(setup, variants, reading=timer.reading if timer else None)
    fine = counts.frame()
    frame = pd.concat([pd.DataFrame([grid[i] for i in fine.index], index=fine.index), fine], axis=1).reset_index(drop=True)
    if machine is not None:
        frame[LATENCY_COLUMN] = [estimated(setup, variants[i], machine) for i in fine.index]
    if timer is not None:
        frame[list(DEVICE_COLUMNS)] = timer.times(variants, counts, lambda: None)[list(fine.index)]
    return frame, [e for e in dict.fromkeys(counts.errors.values()) if not e.startswith(SAME_RULE)]


def estimated(setup: Setup, variant: NetworkVariant, machine: Machine) -> float | None:
    """Seconds of one forward pass on ``machine``, by its estimate; None where the variant cannot run or the machine has no figure for the type."""
    try:
        return estimate(analysis_of(setup, variant), machine).seconds
    except (KnobError, TraceError):
        return None


# --- Compound scaling --------------------------------------------------------------------------------

EFFICIENTNETS = tuple(f"efficientnet_b{i}" for i in range(8))


def scaled_by(way: str, phi: float, a: float, b: float, c: float) -> dict[str, object]:
    """Knobs of EfficientNet-B0 grown so that MACs should be (a·b²·c²)^φ times B0's: all in one dimension, or in all three."""
    factor = growth(a, b, c) ** phi
    depth, width, side = {
        "compound": (a**phi, b**phi, c**phi),
        "depth": (factor, 1.0, 1.0),
        "width": (1.0, factor**0.5, 1.0),
        "resolution": (1.0, 1.0, factor**0.5),
    }[way]
    return {"depth_mult": depth, "width_mult": width, "side": round(RESOLUTION * side)}


def compound(phis: Sequence[float], a: float = 1.2, b: float = 1.1, c: float = 1.15) -> pd.DataFrame:
    """One row per way of scaling and φ: the knobs, the figures, and ``expected``, B0's MACs times (a·b²·c²)^φ.

    What a knob's range does not allow (a depth of more than ten times B0's) has no row.
    """
    rows: list[dict[str, Any]] = [{"way": way, "phi": phi} | scaled_by(way, phi, a, b, c) for way in SCALED_DIMENSIONS for phi in phis]
    setup = Setup("efficientnet_b0")
    counts = count_variants(setup, [NetworkVariant({k: r[k] for k in ("depth_mult", "width_mult")}, r["side"]) for r in rows])
    fine = counts.frame()
    frame = pd.concat([pd.DataFrame([rows[i] for i in fine.index], index=fine.index), fine], axis=1).reset_index(drop=True)
    start = float(count_variants(setup, [NetworkVariant()]).figures[0][COUNTED_FIGURES.index("macs")])
    frame["expected"] = [start * growth(a, b, c) ** p for p in frame["phi"]]
    return frame


def published_family(c: float = 1.15) -> pd.DataFrame:
    """B0 to B7 as published: preset, multipliers, side, the figures, and ``phi``, the exponent at which c^φ gives its resolution."""
    variants = [NetworkVariant({"width_mult": w, "depth_mult": d}, side) for w, d, side, _ in EFFICIENTNET_VARIANTS]
    frame = count_variants(Setup("efficientnet_b0"), variants).frame()
    frame.insert(0, "preset", list(EFFICIENTNETS))
    frame.insert(1, "phi", [math.log(v[2] / RESOLUTION) / math.log(c) for v in EFFICIENTNET_VARIANTS])
    for name, place in (("width_mult", 0), ("depth_mult", 1), ("side", 2)):
        frame[name] = [v[place] for v in EFFICIENTNET_VARIANTS]
    return frame
