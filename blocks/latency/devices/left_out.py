"""How far off the model is on what it has not seen: devices, networks and families, each left out in turn with all its rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from blocks import catalog
from blocks.latency.devices.network_kriging import krige, networks_of, works_of
from blocks.latency.devices.tables import DEVICE_TABLES, Population, TableNetwork, population
from blocks.latency.devices.transfer import Z90, Transferred, regression, transfer

#: Networks to time on a new device, the first ones first; chosen for what they tell of the others.
PROBES: dict[str, tuple[str, ...]] = {
    "ncnn": ("mobilenet_v2", "resnet50", "shufflenet_v2_x1_0", "alexnet_2012", "efficientnet_b0"),
    "qualcomm": ("mobilenet_v2", "wide_resnet50_2", "densenet121", "efficientnet_b0", "resnet18"),
}
_VERSION = 1
#: Spread of one published figure about what the device does; several runs of one device differ by about as much.
REPEAT_SD = 0.03


def left_out_devices(fleet: Population, probes: tuple[str, ...]) -> pd.DataFrame:
    """Every device in turn, with all its runs, predicted from its ``probes``; 8-bit versions are left to their own tables. A row per run and network: logarithms."""
    columns = [fleet.index(name) for name in probes]
    targets = [i for i, c in enumerate(fleet.columns) if c.precision != "int8" and i not in columns]
    floats = fleet.times[:, [*columns, *targets]]
    fleet = Population(fleet.table, tuple(fleet.columns[i] for i in [*columns, *targets]), fleet.devices, fleet.settings, floats, fleet.context)
    bare = np.log(works_of(fleet.columns)[:, :-1].sum(axis=1))
    made: list[pd.DataFrame] = []
    for device in np.unique(fleet.devices):
        others = fleet.where(fleet.devices != device)
        for run in np.flatnonzero(fleet.devices == device):
            own = {i: float(fleet.times[run, i]) for i in range(len(columns))}
            if np.isnan(list(own.values())).any():
                continue
            found, roof = transfer(others, own, fleet.context[run]), bare + np.mean([own[i] - bare[i] for i in own])
            rows = pd.DataFrame({
                "network": [c.preset for c in fleet.columns], "measured": fleet.times[run], "estimated": found.mean, "sd": found.sd,
                "plain": regression(others, own), "roofline": roof, "device": device,
            })  # fmt: skip
            made.append(rows.iloc[len(columns) :].dropna(subset="measured"))
    return pd.concat(made, ignore_index=True)


def left_out_networks(fleet: Population, families: bool = False) -> pd.DataFrame:
    """Every network (with ``families``, every family) in turn, predicted on every known run from its other networks. Logarithms."""
    columns = [i for i, c in enumerate(fleet.columns) if c.precision != "int8"]
    works, times = works_of([fleet.columns[i] for i in columns]), fleet.times[:, columns]
    names = np.array([_group(fleet.columns[i], families) for i in columns])
    made: list[dict[str, object]] = []
    for name in np.unique(names):
        kept = names != name
        known, bare = networks_of(works[kept], times[:, kept]), np.log(works[:, :-1].sum(axis=1))
        for run in range(len(times)):
            if np.isnan(times[run, kept]).all():
                continue
            there = Transferred(times[run, kept], REPEAT_SD**2 * np.eye(int(kept.sum())))
            level = float(np.nanmedian(times[run, kept] - bare[kept]))
            for column in np.flatnonzero(~kept):
                if not np.isnan(times[run, column]):
                    found = krige(known, works[column], there)
                    made.append({
                        "network": fleet.columns[columns[column]].preset, "measured": times[run, column], "estimated": found.mean, "sd": found.network_sd,
                        "roofline": level + bare[column], "device": fleet.devices[run],
                    })  # fmt: skip
    return pd.DataFrame(made)


def _group(column: TableNetwork, families: bool) -> str:
    return catalog.entry(column.preset).family.name if families else column.preset


def calibration(frame: pd.DataFrame, by: str) -> tuple[float, float]:
    """What spreads are multiplied with so that 90 % intervals cover, and the share that they cover where each of ``by`` is left out of finding it."""
    z = (np.abs(frame["measured"] - frame["estimated"]) / frame["sd"] / Z90).to_numpy(float)
    groups = frame[by].to_numpy(str)
    covered = np.concatenate([z[groups == g] <= np.quantile(z[groups != g], 0.9) for g in np.unique(groups)])
    return float(np.quantile(z, 0.9)), float(covered.mean())


def off(frame: pd.DataFrame, column: str) -> np.ndarray:
    """Relative errors of a column of estimates."""
    return np.asarray(np.abs(np.expm1((frame[column] - frame["measured"]).to_numpy(float))))


def _summary(table: str, part: str, probes: int, frame: pd.DataFrame, by: str) -> dict[str, object]:
    scale, covered = calibration(frame, by)
    found: dict[str, object] = {"table": table, "version": _VERSION, "left_out": part, "probes": probes, "estimates": len(frame)}
    for name in ("estimated", "plain", "roofline"):
        errors = off(frame, name) if name in frame else np.array([np.nan])
        found |= {
            f"{name}_median": round(float(np.median(errors)), 4),
            f"{name}_within_10": round(float(np.mean(errors < 0.1)), 4) if name in frame else np.nan,
        }
    return found | {"coverage": round(covered, 4), "scale": round(scale, 4)}


def fitted_model() -> pd.DataFrame:
    """What blocks/reference/device_model.csv holds: for each table, what was left out and how many probes, the errors and the calibration of the intervals. Takes minutes."""
    rows: list[dict[str, object]] = []
    for table in DEVICE_TABLES:
        fleet = population(table)
        counts = range(1, len(PROBES[table]) + 1)
        rows += [_summary(table, "device", n, left_out_devices(fleet, PROBES[table][:n]), "device") for n in counts]
        rows.append(_summary(table, "network", 0, left_out_networks(fleet), "network"))
        rows.append(_summary(table, "family", 0, left_out_networks(fleet, families=True), "network"))
    return pd.DataFrame(rows)


def repeated_runs(fleet: Population) -> pd.DataFrame:
    """Runs of one device with the same settings: how far apart their networks' times are, and how far once the runs' common factor is taken out. Bounds what a model can reach."""
    floats = [i for i, c in enumerate(fleet.columns) if c.precision != "int8"]
    keys = fleet.settings.assign(device=fleet.devices).agg(" | ".join, axis=1).to_numpy(str)
    made: list[dict[str, object]] = []
    for key in np.unique(keys):
        times = fleet.times[keys == key][:, floats]
        for other in times[1:]:
            apart = (other - times[0])[~np.isnan(other - times[0])]
            shape = np.abs(apart - np.median(apart))
            made.append({"run": key, "apart": np.median(np.abs(apart)), "shape": np.median(shape), "within_10": np.mean(shape < np.log(1.1))})
    return pd.DataFrame(made, columns=["run", "apart", "shape", "within_10"])


def noise_bound(fleet: Population) -> pd.DataFrame:
    """Every network from *all* the others of its run, on devices left out: what no three probes can do better than."""
    floats = [i for i, c in enumerate(fleet.columns) if c.precision != "int8"]
    made: list[pd.DataFrame] = []
    fleet = Population(fleet.table, tuple(fleet.columns[i] for i in floats), fleet.devices, fleet.settings, fleet.times[:, floats], fleet.context)
    full = fleet.where(~np.isnan(fleet.times).any(axis=1))
    if len(full.times) < 2 * len(floats):  # too few whole runs to learn from
        return pd.DataFrame(columns=["network", "measured", "estimated"])
    for device in np.unique(full.devices):
        others = full.where(full.devices != device)
        for column, target in enumerate(full.columns):
            for run in np.flatnonzero(full.devices == device):
                own = {i: float(full.times[run, i]) for i in range(len(floats)) if i != column}
                found = transfer(others, own, full.context[run])
                made.append(pd.DataFrame({"network": [target.preset], "measured": [full.times[run, column]], "estimated": [found.mean[column]]}))
    return pd.concat(made, ignore_index=True)
