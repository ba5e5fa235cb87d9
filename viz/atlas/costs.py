"""What the presets cost, by several measures: counted here, published by others, or measured here."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from blocks import reference
from blocks.language import tr, translatable
from blocks.latency.store.ledger import LedgerError, ledger
from blocks.space.published import PublishedPoint, first_published
from viz.kit.figures import MACS, PARAMS
from viz.kit.published_counts import counted_points

COST_KINDS = {"macs": MACS.label, "params": PARAMS.label, "throughput": translatable("Published throughput"), "measured": translatable("Latency measured here")}


class Costs(NamedTuple):
    """A value for each preset that has one, what the axis says, whether more of it is better, and where it is from."""

    values: dict[str, float]
    title: str
    more: bool
    source: str


def counted_costs(of: str, chosen: dict[str, PublishedPoint]) -> Costs:
    """Counts of the presets at the resolution of their accuracy, as far as they are counted by now."""
    known = counted_points()
    values = {name: float(known[p.preset, p.side][of]) for name, p in chosen.items() if (p.preset, p.side) in known}
    return Costs(values, tr(COST_KINDS[of]), False, tr("Counted here from each network's own trace, at the resolution of its accuracy."))


def throughput_setups() -> list[str]:
    """timm's published set-ups, the one with the most presets first."""
    frame = reference.all_throughput()
    return list(frame.groupby("setup")["preset"].nunique().sort_values(ascending=False).index)


def throughput_costs(setup: str, chosen: dict[str, PublishedPoint]) -> Costs:
    """Published images a second of one set-up, at the resolution closest to that of the accuracy."""
    frame = reference.all_throughput()
    frame = frame[(frame["setup"] == setup) & frame["preset"].isin(list(chosen))].copy()
    frame["far"] = [abs(size - chosen[name].side) for name, size in zip(frame["preset"], frame["image_size"], strict=True)]
    best = frame.sort_values("far").drop_duplicates("preset")
    values = dict(zip(best["preset"], best["images_per_second"].astype(float), strict=True))
    return Costs(values, tr("Images per second (published)"), True, tr("Published by timm for {setup}, not measured here.", setup=setup))


def measured_conditions() -> dict[tuple[str, str, int], int]:
    """(device, type, batch) of the measurements of presets that the ledger has, with how many presets each has; empty where it cannot be read."""
    frame = _measured()
    if frame.empty:
        return {}
    counts = frame.groupby(["device_name", "dtype", "batch"])["network"].nunique().sort_values(ascending=False)
    return {(str(d), str(t), int(b)): int(n) for (d, t, b), n in zip(counts.index.tolist(), counts.tolist(), strict=True)}


def measured_costs(of: tuple[str, str, int]) -> Costs:
    """The newest measured median of each preset under one set of conditions, in milliseconds."""
    frame = _measured()
    frame = frame[(frame["device_name"] == of[0]) & (frame["dtype"] == of[1]) & (frame["batch"] == of[2])]
    newest = frame.sort_values("finished_at", ascending=False).drop_duplicates("network")
    values = {str(n): 1e3 * float(m) for n, m in zip(newest["network"], newest["median"], strict=True)}
    return Costs(
        values,
        tr("Latency measured here (ms)"),
        False,
        tr("Measured here on {device}, {type}, batch {n}: the median of each preset's newest measurement.", device=of[0], type=of[1], n=of[2]),
    )


def _measured() -> pd.DataFrame:
    try:
        frame = ledger().frame(limit=5000, kind="measure", mode="forward", network=list(first_published()))
    except LedgerError:
        return pd.DataFrame()
    return frame[frame["median"].notna() & frame["batch"].notna()] if not frame.empty else frame
