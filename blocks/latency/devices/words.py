"""Estimates for devices and the known devices as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

import pandas as pd

from blocks.language import tr
from blocks.language.terminal import printed_table
from blocks.latency.devices.prediction import DeviceEstimate
from blocks.latency.roofline.data_sheet import SheetEstimate


def estimate_text(e: DeviceEstimate) -> str:
    """The figure first, marked as estimated; then what it rests on."""
    conditions = ", ".join(f"{k}={v}" for k, v in e.settings.items())
    lines = [
        tr("{network}: estimated {time} ms (90 %: {low} – {high})", network=e.network, time=f"{e.ms:.4g}", low=f"{e.low:.4g}", high=f"{e.high:.4g}"),
        "  "
        + tr("on {device}, {conditions}, by the {table} table", device=e.device or tr("a device known by its probes"), conditions=conditions, table=e.table),
    ]
    if e.error is not None:
        lines.append("  " + tr("median error of such estimates: {percent} %", percent=f"{100 * e.error:.2g}"))
    if e.published is not None:
        lines.append("  " + tr("published: {time} ms", time=f"{e.published:.4g}"))
    if e.next_probe is not None:
        lines.append("  " + tr("next probe: {network}, it tells most of the others", network=e.next_probe))
    return "\n".join(lines)


def in_ms(time: float, digits: int = 4) -> str:
    """Milliseconds with so many digits that count, or all before the point, and no exponent."""
    return f"{time:.{digits}g}" if 1e-4 < time < 10**digits else f"{time:.0f}"


def estimate_json(e: DeviceEstimate) -> str:
    """Everything that is known, with its kind."""
    return json.dumps({"kind": "estimated", "unit": "ms", "level": 0.9} | asdict(e), indent=1, ensure_ascii=False)


def sheet_text(e: SheetEstimate) -> str:
    """The throughput first, marked as estimated; then what it rests on."""
    sheet = ", ".join(f"{name} {value:g}" for name, value in e.sheet.items())
    return "\n  ".join([
        tr("{network}: estimated {rate} pictures/s (90 %: {low} – {high})", network=e.network, rate=f"{e.images_per_second:.4g}", low=f"{e.low:.4g}", high=f"{e.high:.4g}"),
        tr("float16, batch {batch}, on a GPU known by its data sheet: {sheet}", batch=e.batch, sheet=sheet),
        tr("median error of such estimates on GPUs left out: {percent} %; the table has four GPUs, none of a data centre", percent=f"{100 * e.error:.2g}"),
    ])  # fmt: skip


def devices_text(rows: pd.DataFrame) -> str:
    """A row per run."""
    return tr("No device fits.") if rows.empty else printed_table(rows)


def run_setting_words(name: str, value: str) -> str:
    """A setting's value as one reads it."""
    if name == "gpu":
        return "GPU" if value == "yes" else "CPU"
    if name == "threads":
        return tr("{n} threads", n=value)
    return value


def run_words(settings: Iterable[tuple[str, str]]) -> str:
    """Settings in a line: "4 threads · CPU"; threads of a GPU's run say nothing of it."""
    return " · ".join(run_setting_words(name, value) for name, value in settings)
