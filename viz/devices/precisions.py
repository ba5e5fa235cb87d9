"""What quantising brings on a device: the network of the page in each precision that is known there, side by side, with the published accuracy."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from blocks import reference
from blocks.knobs import KnobError
from blocks.language import tr
from blocks.latency.devices.asked import AskedDevice, device_times, runs_of
from blocks.latency.devices.estimator import DeviceEstimate
from blocks.space.published import first_published
from blocks.trace.errors import TraceError
from viz.kit.choice import Choice
from viz.kit.chosen_device import estimate_there


def other_precisions(asked: AskedDevice) -> dict[str, AskedDevice]:
    """The same device, float first, in each precision that is known there with otherwise equal settings, by the table's own name of it."""
    if asked.table == "ncnn":
        return {name: known for name in ("float", "int8") if _is_there(known := replace(asked, precision=name))}
    if asked.probes:
        return {}
    found = {dict(run)["precision"]: replace(asked, settings=run) for run in runs_of(asked.device) if _otherwise(run) == _otherwise(asked.settings)}
    return {name: found[name] for name in sorted(found, key=lambda name: (name != "float", name)) if _is_there(found[name])}


def _otherwise(settings: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in settings if name != "precision"]


def _is_there(asked: AskedDevice) -> bool:
    try:
        return bool(device_times(asked).networks)
    except KnobError:
        return False


def precision_table(asked: AskedDevice, choice: Choice) -> pd.DataFrame:
    """A row per precision: times published or timed and estimated apart, how many times faster than float where both are of one kind, and top-1 as published; empty below two."""
    found: dict[str, DeviceEstimate] = {}
    for name, there in other_precisions(asked).items():
        try:
            found[name] = estimate_there(there, choice)
        except (KnobError, TraceError):
            continue
    if len(found) < 2:
        return pd.DataFrame()
    plain, known = found.get("float"), _accuracies(asked.table, choice)
    rows = [_row(name, e, plain, known.get(name)) for name, e in found.items()]
    made = pd.DataFrame(rows)
    return made.astype({name: float for name in made.columns if name != tr("Precision")})


def _accuracies(table: str, choice: Choice) -> dict[str, float]:
    """Published top-1 by precision; of one source where that has the quantised version. A network with turned knobs has none."""
    point = first_published().get(choice.name)
    if point is None or choice.knobs or choice.side not in (None, point.side):
        return {}
    known = reference.quantised_accuracy(choice.name)
    if table != "qualcomm" or known.empty:
        return {"float": point.accuracy}
    return {"float": float(known["float_top1"].iloc[0]), **dict(zip(known["precision"], known["top1"].astype(float), strict=True))}


def _row(name: str, e: DeviceEstimate, plain: DeviceEstimate | None, accuracy: float | None) -> dict[str, object]:
    estimated = e.basis == "estimated"
    faster = plain.ms / e.ms if plain is not None and plain.basis == e.basis else None
    return {
        tr("Precision"): tr("8 bits") if name == "int8" else name, tr("known (ms)"): None if estimated else e.ms, tr("estimated (ms)"): e.ms if estimated else None,
        tr("90 % from (ms)"): e.low if estimated else None, tr("to (ms)"): e.high if estimated else None, tr("× as fast"): faster,
        tr("top-1 (%)"): accuracy,
    }  # fmt: skip
