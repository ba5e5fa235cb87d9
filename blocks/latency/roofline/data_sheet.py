"""A GPU that nobody timed: a network's time from the peaks and the bandwidth of its data sheet, by what published throughputs show of other GPUs.

The share of the roof that convolutions and matrix products reach differs between GPUs. Two figures of the data sheet say something of it: the size of the peak, and how far
the matrix units are ahead of the vector units, which have to feed them. Both slopes are a regression's with priors (:data:`PRIOR`), so few GPUs move them little, and
what stays open of them widens the interval the more, the less a GPU resembles those of the table. What networks of one kind take beyond the roof is taken from all GPUs.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from blocks import analyse, catalog
from blocks.knobs import KnobError, nearest_names
from blocks.latency.devices.estimator import is_timed, typed_network
from blocks.latency.devices.transfer import Z90
from blocks.latency.roofline.efficiency_fit import FitRows, fit, gpus, pooled, seconds_by_group
from blocks.latency.roofline.machines import GROUPS, Efficiency, Machine, machine_roofs

#: Mean and spread of the two slopes before any GPU is seen: each doubling of the matrix units' lead is taken to bring half of itself; a larger peak alone is taken to change nothing.
PRIOR = ((0.5, 0.25), (0.0, 0.15))
#: Spread of a GPU's own level beyond that, and of a network about networks of its kind; in logarithms.
OWN_GPU, OWN_NETWORK, _KIN = 0.1, 0.04, 0.1
_REACH, _SIZE = 0.35, 0.3  # how far apart in shares of time networks are still of one kind; weight of the logarithm of the time in that distance
_MATRIX = np.array([group in ("dense", "pointwise", "grouped", "depthwise", "matrix") for group in GROUPS])
SHEET_BATCH = 256  # pictures at once: the published throughputs are of large batches
SHEET_FILE = Path(__file__).resolve().parents[2] / "reference" / "sheet_model.json"
#: What may be typed of a data sheet, in 10^12 operations and 10^9 bytes a second: the least and the most.
SHEET_LIMITS = {"float16": (0.1, 1e5), "float32": (0.05, 1e4), "bandwidth": (5.0, 1e5)}


@dataclass(frozen=True)
class SheetModel:
    """What some GPUs show: ``level`` by group of the logarithm of the reciprocal efficiency, two ``slopes`` with their ``covariance`` about the GPUs' ``middle``,
    and of each network in them its shares of time, ``places``, and what it takes ``beyond``."""

    level: np.ndarray
    middle: np.ndarray
    slopes: np.ndarray
    covariance: np.ndarray
    places: np.ndarray
    beyond: np.ndarray
    presets: tuple[str, ...]

    def without(self, preset: str) -> SheetModel:
        """The model without what the GPUs showed of one network."""
        kept = np.array([name != preset for name in self.presets])
        return replace(self, places=self.places[kept], beyond=self.beyond[kept], presets=tuple(name for name in self.presets if name != preset))

    def predict(self, machine: Machine, roofs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Logarithms of seconds by what the roof says of each group (:func:`seconds_by_group`, a row a network), and their spreads."""
        x = _features(machine) - self.middle
        whole, shares = _roofs(roofs, self.level + _MATRIX * float(x @ self.slopes))
        kin = np.exp(-((_place(whole, shares)[:, None] - self.places[None]) ** 2).sum(-1) / (2 * _REACH**2))
        among = np.exp(-((self.places[:, None] - self.places[None]) ** 2).sum(-1) / (2 * _REACH**2)) + (OWN_NETWORK / _KIN) ** 2 * np.eye(len(self.places))
        weights = np.linalg.solve(among, kin.T).T
        network = _KIN**2 * np.maximum(1 - (weights * kin).sum(axis=1), 0.0) + OWN_NETWORK**2
        bound = shares[:, _MATRIX].sum(axis=1)
        gpu = OWN_GPU**2 + bound**2 * float(x @ self.covariance @ x)
        return np.log(whole) + weights @ self.beyond, np.sqrt(gpu + network)


def _features(machine: Machine) -> np.ndarray:
    return np.log([machine.peak("float16") / (2 * machine.peak("float32")), machine.peak("float16")])


def _roofs(roofs: np.ndarray, logs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    parts = roofs[:, :-1] * np.exp(logs)
    whole = parts.sum(axis=1)
    return whole, parts / whole[:, None]


def _place(whole: np.ndarray, shares: np.ndarray) -> np.ndarray:
    return np.c_[shares, _SIZE * (np.log(whole) - np.log(1e-4))]


def fitted_sheet_model(parts: Mapping[str, FitRows]) -> SheetModel:
    """The model by the GPUs called so."""
    roofs = machine_roofs()
    logs = np.array([np.log(fit(p.roofs, p.seconds)[:-1]) for p in parts.values()])
    level, x = logs.mean(axis=0), np.array([_features(roofs[name]) for name in parts])
    middle = x.mean(axis=0)
    off, lead = (logs - level)[:, _MATRIX].mean(axis=1), x - middle
    prior, spread = np.array([m for m, _ in PRIOR]), np.diag([s**2 for _, s in PRIOR])
    covariance = np.linalg.inv(np.linalg.inv(spread) + lead.T @ lead / OWN_GPU**2)
    slopes = prior + covariance @ lead.T @ (off - lead @ prior) / OWN_GPU**2
    places: list[np.ndarray] = []
    beyond: list[np.ndarray] = []
    presets: list[str] = []
    for name, p in parts.items():
        whole, shares = _roofs(p.roofs, level + _MATRIX * float((_features(roofs[name]) - middle) @ slopes))
        left = np.log(p.seconds) - np.log(whole)
        places.append(_place(whole, shares))
        beyond.append(left - float(np.median(left)))
        presets += p.table["preset"].tolist()
    return SheetModel(level, middle, slopes, covariance, np.concatenate(places), np.concatenate(beyond), tuple(presets))


# --- How far off it is -----------------------------------------------------------------------------


def left_out_gpus() -> pd.DataFrame:
    """Every GPU of the published throughputs in turn by a model that has not seen it, a row per figure; logarithms of seconds a picture.

    Columns: gpu, preset, ``measured``, ``estimated`` and its spread ``sd``, ``new`` (the network left out of the other GPUs' figures as well), ``pooled`` by mean factors of
    the others, ``roof`` at the bare peaks.
    """
    parts, found = gpus(), []
    for name, rows in parts.items():
        others = {other: p for other, p in parts.items() if other != name}
        model, there, presets = fitted_sheet_model(others), machine_roofs()[name], rows.table["preset"].to_numpy(str)
        mean, sd = model.predict(there, rows.roofs)
        new = np.zeros(len(mean))
        for preset in np.unique(presets):
            new[presets == preset] = model.without(preset).predict(there, rows.roofs[presets == preset])[0]
        found.append(pd.DataFrame({
            "gpu": name, "preset": presets, "measured": np.log(rows.seconds), "estimated": mean, "sd": sd, "new": new,
            "pooled": np.log(rows.roofs @ pooled(list(others.values()))), "roof": np.log(rows.roofs[:, :-1].sum(axis=1)),
        }))  # fmt: skip
    return pd.concat(found, ignore_index=True)


def sheet_errors(frame: pd.DataFrame) -> pd.DataFrame:
    """Of :func:`left_out_gpus`, by GPU and of all: median errors, the share within 10 %, and the share that 90 % intervals cover."""
    rows: list[dict[str, object]] = []
    for name, part in [*frame.groupby("gpu", sort=False), ("all", frame)]:
        off = {c: np.abs(np.expm1(part[c] - part["measured"])) for c in ("estimated", "new", "pooled", "roof")}
        covered = (np.abs(part["estimated"] - part["measured"]) <= Z90 * part["sd"]).mean()
        rows.append({
            "gpu": name, "figures": len(part), **{f"{c}_median": round(float(e.median()), 4) for c, e in off.items()},
            "within_10": round(float((off["estimated"] < 0.1).mean()), 4), "coverage": round(float(covered), 4),
        })  # fmt: skip
    return pd.DataFrame(rows)


# --- An unseen GPU ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class SheetEstimate:
    """Pictures a second of a network in float16 at a large ``batch``, with a 90 % interval; ``error`` is the median error of such estimates on GPUs left out of the fit."""

    network: str
    sheet: dict[str, float]
    batch: int
    images_per_second: float
    low: float
    high: float
    error: float


def sheet_machine(text: str) -> Machine:
    """A GPU from its data sheet, ``float16=165,float32=82.6,bandwidth=1008``: dense TFLOPS of the matrix and of the vector units, and GB/s. Raises :class:`KnobError`."""
    found: dict[str, float] = {}
    for part in text.split(","):
        name, said, value = (piece.strip() for piece in part.partition("="))
        if name not in SHEET_LIMITS or not said:
            raise KnobError(
                "sheet",
                part,
                f"must be of {', '.join(SHEET_LIMITS)}",
                nearest_names(name, list(SHEET_LIMITS), 1, 0.3) or ["float16=165,float32=82.6,bandwidth=1008"],
            )
        if name in found:
            raise KnobError("sheet", part, "is there twice")
        found[name] = _checked(name, value)
    missing = [name for name in SHEET_LIMITS if name not in found]
    if missing:
        raise KnobError("sheet", text, f"lacks {', '.join(missing)}", ["float16=165,float32=82.6,bandwidth=1008"])
    if found["float16"] < found["float32"]:
        raise KnobError(
            "float16", found["float16"], "is the dense peak of the matrix units in TFLOPS, and no GPU has a lower one than for float32", [found["float32"]]
        )
    peaks = {"float16": 1e12 * found["float16"], "float32": 1e12 * found["float32"]}
    return Machine("sheet", text, "typed", 1e9 * found["bandwidth"], peaks, Efficiency(dict.fromkeys(GROUPS, 1.0), 0.0, None, "at the roof"))


def _checked(name: str, value: str) -> float:
    low, high = SHEET_LIMITS[name]
    unit = "GB/s" if name == "bandwidth" else "TFLOPS"
    try:
        number = float(value)
    except ValueError:
        raise KnobError(name, value, f"must be a number of {unit}") from None
    if not low <= number <= high:
        raise KnobError(name, value, f"must lie between {low:g} and {high:g} {unit}; other units?")
    return number


def sheet_estimate(machine: Machine, preset: str, knobs: Mapping[str, object] | None = None, picture: Sequence[int] | None = None) -> SheetEstimate:
    """A network of the catalog on a GPU that is known by its data sheet; ``picture`` is the shape of one input, the published one where None. Raises :class:`KnobError`."""
    given: dict[str, Any] = dict(knobs or {})
    if not is_timed(preset):
        raise KnobError("network", preset, "must be a network of the catalog")
    shape = catalog.input_shape(preset, **given)[1:] if picture is None else picture
    analysis = analyse(preset, (SHEET_BATCH, *shape), dtype="float16", **given)
    model, errors = stored_sheet_model()
    mean, sd = model.predict(machine, seconds_by_group(analysis, machine, "float16")[None] / SHEET_BATCH)
    low, middle, high = (float(np.exp(-mean[0] + z * sd[0])) for z in (-Z90, 0.0, Z90))
    sheet = {"float16": machine.peak("float16") / 1e12, "float32": machine.peak("float32") / 1e12, "bandwidth": machine.bandwidth / 1e9}
    return SheetEstimate(typed_network(preset, given), sheet, SHEET_BATCH, middle, low, high, errors["new_median"])


def write_sheet_model(errors: pd.DataFrame) -> None:
    """Keep the model of all GPUs, and what :func:`sheet_errors` says of all."""
    model = fitted_sheet_model(gpus())
    kept = {name: np.round(getattr(model, name), 5).tolist() for name in ("level", "middle", "slopes", "covariance", "places", "beyond")}
    said = {str(k): v for k, v in errors.iloc[-1].items() if k != "gpu"}
    SHEET_FILE.write_text(json.dumps({"version": 1, "errors": said, "presets": model.presets, **kept}, default=float) + "\n", encoding="utf-8")


@functools.cache
def stored_sheet_model() -> tuple[SheetModel, dict[str, float]]:
    """The model that :func:`write_sheet_model` kept, and its errors."""
    kept = json.loads(SHEET_FILE.read_text(encoding="utf-8"))
    arrays = {name: np.array(kept[name]) for name in ("level", "middle", "slopes", "covariance", "places", "beyond")}
    return SheetModel(**arrays, presets=tuple(kept["presets"])), kept["errors"]
