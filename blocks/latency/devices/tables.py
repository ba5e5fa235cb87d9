"""The published tables of devices as populations of runs, and the checks that a time passes before it is used."""

from __future__ import annotations

import functools
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from blocks import reference
from blocks.knobs import KnobError, nearest_names

TableName = Literal["ncnn", "qualcomm"]
DEVICE_TABLES: tuple[TableName, ...] = ("ncnn", "qualcomm")
#: What a run's settings are called, with the value that is taken where none is given.
RUN_SETTINGS: dict[str, dict[str, str]] = {
    "ncnn": {"threads": "4", "gpu": "no"},
    "qualcomm": {"runtime": "tflite", "precision": "float", "unit": "NPU"},
}
SMALLEST, LARGEST = 1e-3, 1e6  # milliseconds; a picture takes no less and no more on anything published
FEWEST = 5  # networks that a run must have to tell something about others
BIGGEST_FILE = 1_000_000  # bytes
_ABSURD = 50.0  # times that a figure may be off the rest of its row
_SAME_KIND = 20.0  # times that one probe may differ from what the others suggest before it is called a mistake


@dataclass(frozen=True)
class TableNetwork:
    """One network of a table: its name there, the preset that it is, the picture's side (None: the preset's own) and the precision ("" where runs say it)."""

    row: str
    preset: str
    side: int | None
    precision: str

    @property
    def name(self) -> str:
        """How a user names it: the preset, with ``:int8`` for an 8-bit version."""
        return f"{self.preset}:int8" if self.precision == "int8" else self.preset


@dataclass(frozen=True)
class Population:
    """The runs of a table: ``times`` holds the logarithms of milliseconds, run by network (nan where not published); ``context`` what is known of a run without a probe."""

    table: str
    columns: tuple[TableNetwork, ...]
    devices: np.ndarray
    settings: pd.DataFrame
    times: np.ndarray
    context: np.ndarray

    def index(self, name: str) -> int:
        """The column of a network. Raises :class:`KnobError`."""
        names = [c.name for c in self.columns]
        if name not in names:
            raise KnobError("probe", name, f"is no network of the {self.table} table; it has {', '.join(names)}", nearest_names(name, names, 2, 0.3))
        return names.index(name)

    def where(self, keep: np.ndarray) -> Population:
        """The runs that ``keep`` marks."""
        return Population(self.table, self.columns, self.devices[keep], self.settings[keep], self.times[keep], self.context[keep])


def context_of(table: str, settings: Mapping[str, object]) -> np.ndarray:
    """What a run's settings say of its device, as numbers of about one."""
    if table == "ncnn":
        threads = float(np.clip(float(str(settings["threads"])), 1, 64))
        return np.array([float(settings["gpu"] == "yes"), 0.25 * np.log(threads)])
    runtime, precision, unit = (str(settings[k]) for k in ("runtime", "precision", "unit"))
    return np.array([
        *(0.5 * (runtime == name) for name in ("tflite", "onnx")), *(0.7 * (precision == name) for name in ("w8a8", "w8a16")),
        0.7 * precision.endswith("mixed_int16"), 1.0 * (unit != "NPU"),
    ])  # fmt: skip


def checked_settings(table: str, given: Mapping[str, str]) -> dict[str, str]:
    """The settings of a run with the defaults filled in. Raises :class:`KnobError`."""
    if table not in RUN_SETTINGS:
        raise KnobError("table", table, f"must be one of {', '.join(DEVICE_TABLES)}", DEVICE_TABLES)
    defaults, known = RUN_SETTINGS[table], reference.device_latency(table)
    for name, value in given.items():
        if name not in defaults:
            raise KnobError("setting", name, f"the {table} table knows {', '.join(defaults)}", nearest_names(name, defaults, 1, 0.3))
        if name == "threads":
            if not value.isdigit() or not 1 <= int(value) <= 1024:
                raise KnobError("threads", value, "must be a whole number from 1 to 1024", ["4"])
        elif value not in (values := sorted(known[name].astype(str).unique())):
            raise KnobError(name, value, f"must be one of {', '.join(values)}", nearest_names(value, values, 1, 0.3))
    return defaults | dict(given)


def checked_table(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """A table of runs whose times can be used. Raises :class:`KnobError` with the row and the column of what cannot be."""
    used = [c.row for c in _columns(table)]
    missing = [name for name in ("device", *RUN_SETTINGS[table], *used) if name not in frame]
    if missing:
        raise KnobError("table", table, f"lacks the columns {', '.join(missing)}")
    for number, (_, row) in enumerate(frame.iterrows(), 2):
        for name in used:
            if not pd.isna(row[name]):
                checked_time(f"{row['device']}, line {number}, {name}", row[name])
    times, off = frame[used].to_numpy(dtype=float), _strangeness(table, frame)
    for line, column in np.argwhere(off > np.log(_ABSURD)):
        where = f"{frame['device'].iloc[line]}, line {line + 2}, {used[column]}"
        raise KnobError(where, float(times[line, column]), f"is over {_ABSURD:g} times off what the rest of its row suggests: another unit, or a failed run")
    return frame


def _strangeness(table: str, frame: pd.DataFrame) -> np.ndarray:
    """How far each time is off the rest of its row, as networks usually compare; in logarithms, 0 where there is none."""
    times = np.log(frame[[c.row for c in _columns(table)]].to_numpy(dtype=float))
    off = times - np.nanmedian(times, axis=0)
    return np.abs(np.nan_to_num(off - np.nanmedian(off, axis=1, keepdims=True)))


def failed_runs(table: str) -> np.ndarray:
    """Published runs with a time that cannot be (VGG-16 in a tenth of SqueezeNet's): they are left out."""
    return np.asarray((_strangeness(table, reference.device_latency(table)) > np.log(_ABSURD)).any(axis=1))


def checked_time(what: str, value: object) -> float:
    """A time in milliseconds as a number. Raises :class:`KnobError`."""
    try:
        number = float(str(value))
    except ValueError:
        raise KnobError(what, value, "must be a time in milliseconds, such as 12.3") from None
    if not np.isfinite(number) or number <= 0:
        raise KnobError(what, value, "must be a time in milliseconds above 0")
    if not SMALLEST <= number <= LARGEST:
        raise KnobError(what, value, f"must lie between {SMALLEST:g} and {LARGEST:g} ms")
    return number


def _columns(table: str) -> tuple[TableNetwork, ...]:
    found = reference.device_networks()
    found = found[(found["table"] == table) & found["preset"].notna()]
    return tuple(
        TableNetwork(str(r["row"]), str(r["preset"]), None if pd.isna(r["side"]) else int(r["side"]), "" if pd.isna(r["precision"]) else str(r["precision"]))
        for _, r in found.iterrows()
    )


@functools.cache
def population(table: str) -> Population:
    """The runs of a published table that have enough networks. Raises :class:`KnobError` for a table that is not known."""
    if table not in RUN_SETTINGS:
        raise KnobError("table", table, f"must be one of {', '.join(DEVICE_TABLES)}", DEVICE_TABLES)
    frame, columns = checked_table(table, reference.device_latency(table)[~failed_runs(table)]).copy(), _columns(table)
    if table == "ncnn":  # its Vulkan backend has no 8-bit kernels: those rows are the processor's
        frame.loc[frame["gpu"] == "yes", [c.row for c in columns if c.precision == "int8"]] = np.nan
    frame = frame[frame[[c.row for c in columns]].notna().sum(axis=1) >= FEWEST].reset_index(drop=True)
    settings = frame[list(RUN_SETTINGS[table])].astype(str)
    context = np.array([context_of(table, dict(row)) for _, row in settings.iterrows()])
    return Population(table, columns, frame["device"].to_numpy(str), settings, np.log(frame[[c.row for c in columns]].to_numpy(dtype=float)), context)


# --- Probes ----------------------------------------------------------------------------------------


def checked_probes(fleet: Population, probes: Mapping[str, object]) -> dict[int, float]:
    """The logarithm of each probe's time by its column. Raises :class:`KnobError` for what cannot be a time of such a device, seconds in place of milliseconds included."""
    if not 1 <= len(probes) <= len(fleet.columns):
        raise KnobError("probes", len(probes), "at least one network must have been timed", ["mobilenet_v2=12.3"])
    found = {fleet.index(name): float(np.log(checked_time(name, value))) for name, value in probes.items()}
    typical = np.nanmedian(fleet.times, axis=0)
    off = {column: value - typical[column] for column, value in found.items()}
    levels = np.nanmedian(fleet.times - typical, axis=1)
    low, high = float(levels.min() - np.log(5)), float(levels.max() + np.log(5))
    middle = float(np.median(list(off.values())))
    if not low <= middle <= high:
        said = ", ".join(map(str, probes.values()))
        if middle < low:
            raise KnobError("probes", said, f"no device of the {fleet.table} table is so fast; these may be seconds, not milliseconds")
        raise KnobError("probes", said, f"no device of the {fleet.table} table is so slow; these may be microseconds, not milliseconds")
    for column, away in off.items():
        if len(off) > 2 and abs(away - middle) > np.log(_SAME_KIND):
            expected = float(np.exp(typical[column] + middle))
            raise KnobError(
                fleet.columns[column].name, float(np.exp(found[column])), f"the other probes suggest about {expected:.3g} ms: another unit, or a mistake"
            )
    if len(off) == 2 and abs(np.subtract(*off.values())) > np.log(_SAME_KIND * 5):
        names = [fleet.columns[c].name for c in off]
        raise KnobError("probes", ", ".join(map(str, probes.values())), f"{names[0]} and {names[1]} do not fit together: another unit, or a mistake")
    return found


def read_probes(path: Path) -> dict[str, object]:
    """Probes from a CSV file with the columns ``network`` and ``ms``. Raises :class:`KnobError`."""
    try:
        if path.stat().st_size > BIGGEST_FILE:
            raise KnobError("file", str(path), "is too long for a table of probes")
        frame = pd.read_csv(io.StringIO(path.read_text(encoding="utf-8-sig")), dtype=str, skipinitialspace=True)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        if isinstance(error, KnobError):
            raise
        raise KnobError("file", str(path), "cannot be read as a table: it needs a line `network,ms` and a line for each probe") from None
    if not {"network", "ms"} <= set(frame.columns):
        raise KnobError("file", str(path), "needs the columns network and ms")
    if frame["network"].duplicated().any():
        twice = frame["network"][frame["network"].duplicated()].iloc[0]
        raise KnobError("file", str(path), f"has {twice} twice")
    return {str(name): value for name, value in zip(frame["network"], frame["ms"], strict=True)}
