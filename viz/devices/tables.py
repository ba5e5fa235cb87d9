"""The Devices page's tables. What is published, what was typed and what is estimated never stand in one column."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from blocks import catalog
from blocks.language import tr, translatable
from blocks.latency.devices.estimator import DeviceTimes

_PARTS = {"device": translatable("device"), "network": translatable("network"), "family": translatable("family")}


def presets_there(frame: pd.DataFrame, *, given: bool) -> pd.DataFrame:
    """All presets with their times; ``given`` says whether the known ones were typed in rather than published."""
    basis, known = frame["basis"], "given" if given else "published"
    estimated = basis == "estimated"
    return pd.DataFrame({
        tr("Network"): frame["preset"], "px": frame["side"],
        (tr("timed by you (ms)") if given else tr("published (ms)")): frame["ms"].where(basis == known),
        tr("estimated (ms)"): frame["ms"].where(estimated), tr("90 % from (ms)"): frame["low"].where(estimated), tr("to (ms)"): frame["high"].where(estimated),
        tr("top-1 (%)"): frame["accuracy"], tr("Weights"): frame["weights"], tr("Source of the accuracy"): frame["source"],
    })  # fmt: skip


def published_there(device: DeviceTimes, without: pd.DataFrame) -> pd.DataFrame:
    """What a table says of a device in one run, its own names beside ours, and what the model says ``without`` each network (:func:`blocks.latency.devices.device_error.left_out_on`)."""
    fleet = device.fleet
    known = [i for i in range(len(fleet.columns)) if np.isfinite(device.found.mean[i])]
    columns, by_column = [fleet.columns[i] for i in known], without.set_index("column").reindex(known)
    return pd.DataFrame({
        tr("Network"): [c.preset for c in columns], tr("In the table"): [c.row for c in columns], "px": [c.side or catalog.input_shape(c.preset)[-1] for c in columns],
        tr("Precision"): [tr("8 bits") if c.precision == "int8" else device.settings.get("precision", "float") for c in columns],
        tr("published (ms)"): np.exp(device.found.mean[known]), tr("≈ without it (ms)"): by_column["estimated"].to_numpy(), tr("off (%)"): 100 * by_column["off"].to_numpy(),
    })  # fmt: skip


def error_table(model: pd.DataFrame, table: str, part: str) -> pd.DataFrame:
    """Errors on what was left out, in percent: with probes of a device, or of networks and families on a known one."""
    rows = model[(model["table"] == table) & ((model["left_out"] == part) if part == "device" else (model["left_out"] != "device"))]
    percent = {
        tr("median error (%)"): "estimated_median", tr("within 10 % (%)"): "estimated_within_10", tr("covered (%)"): "coverage",
        tr("regression (%)"): "plain_median", tr("roofline (%)"): "roofline_median",
    }  # fmt: skip
    made = pd.DataFrame({tr("Left out"): rows["left_out"].map(lambda name: tr(_PARTS[name]))})
    if part == "device":
        made[tr("probes")] = rows["probes"]
    for words, column in percent.items():
        if rows[column].notna().any():
            made[words] = 100 * rows[column]
    return made.reset_index(drop=True)


def number_columns(frame: pd.DataFrame) -> dict[str, object]:
    """Four digits that count for every column of times, one after the point for shares; no exponents."""
    forms = {name: "%.4g" if "(ms)" in name and frame[name].max() < 1e4 else "%.1f" for name in frame.columns if "%" in name or "(ms)" in name}
    return {name: st.column_config.NumberColumn(format=form) for name, form in forms.items()}
