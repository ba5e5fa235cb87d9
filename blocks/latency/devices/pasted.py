"""Times of networks as a user types or pastes them, a network a line; the output of ncnn's ``benchncnn``, ``trtexec`` and timm's results among them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from blocks import reference
from blocks.knobs import KnobError
from blocks.latency.devices.benchmarks import typed_lines
from blocks.latency.devices.tables import BIGGEST_FILE, checked_time, population, read_probes

MOST_PASTED = 4000  # characters
_BENCHNCNN = re.compile(r"(?P<name>\S+)\s+min\s*=\s*\S+\s+max\s*=\s*\S+\s+avg\s*=\s*(?P<time>\S+)")
_LINE = re.compile(r"(?P<name>[A-Za-z][\w.-]*(?::int8)?)\s*[=:,\s]\s*(?P<time>\S.*)")
_TIME = re.compile(r"(?P<number>[-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*(?P<unit>ms|s|us|µs|μs)")
_IN_MS = {"ms": 1.0, "s": 1e3, "us": 1e-3, "µs": 1e-3, "μs": 1e-3}
#: What ``benchncnn`` says before its times, and the first line of a table.
_SILENT = re.compile(r"#|(loop_count|num_threads|powersave|gpu_device|cooling_down)\s*=|(network|model)[\s,;]+(ms|time)", re.IGNORECASE)


@dataclass(frozen=True)
class PastedProbes:
    """Milliseconds by network as they were read; a sentence for each line that could not be used; names of rows that the table does not compare by."""

    probes: dict[str, object]
    problems: tuple[str, ...]
    skipped: tuple[str, ...]


def pasted_probes(text: str, table: str) -> PastedProbes:
    """The probes in ``text`` for a table's devices: ``mobilenet_v2 12.3``, ``resnet50=80 ms``, ``vgg16: 0.3 s``, a line of ``benchncnn``, whose average counts, or what
    :func:`blocks.latency.devices.benchmarks.typed_lines` knows."""
    read = typed_lines(text)
    text = read.text
    found: dict[str, object] = {}
    problems: list[str] = list(read.problems)
    skipped: list[str] = []
    if len(text) > MOST_PASTED:
        problems.append(str(KnobError("times", text, f"is too long: at most {MOST_PASTED} characters are read")))
    for line in filter(None, map(str.strip, re.split(r"[\n;]", text[:MOST_PASTED]))):
        if _SILENT.match(line):
            continue
        try:
            name, time = _read_line(line)
            known = _named(table, name)
            if not known:
                skipped.append(name)
                continue
            population(table).index(known)
            if known in found:
                raise KnobError(known, time, "is there twice; the first one counts")
            found[known] = checked_time(known, time)
        except KnobError as error:
            problems.append(str(error))
    return PastedProbes(found, tuple(problems), tuple(skipped))


def probes_of_file(path: Path, table: str) -> dict[str, object]:
    """The probes in a file: a table with the columns ``network`` and ``ms``, or the output of a benchmark. Raises :class:`KnobError` for the first that cannot be used."""
    try:
        text = path.read_text(encoding="utf-8-sig") if path.stat().st_size <= BIGGEST_FILE else ""
    except (OSError, UnicodeDecodeError):
        text = ""
    if not (_BENCHNCNN.search(text) or typed_lines(text).text != text):
        return read_probes(path)
    typed = typed_lines(text)
    found = pasted_probes(typed.text, table)
    for sentence in (*typed.problems, *found.problems):
        raise KnobError("file", str(path), f"has a line that cannot be used: {sentence}")
    if not found.probes:
        raise KnobError("file", str(path), f"has no time of a network that the {table} table has")
    return found.probes


def _read_line(line: str) -> tuple[str, object]:
    said = _BENCHNCNN.match(line) or _LINE.fullmatch(line)
    if said is None:
        raise KnobError("line", line, "must be a network and its milliseconds", ["mobilenet_v2 12.3"])
    time = said["time"].strip()
    unit = _TIME.fullmatch(time)
    if unit is None:
        return said["name"], time
    try:
        return said["name"], float(unit["number"]) * _IN_MS[unit["unit"]]
    except ValueError:
        return said["name"], time


def _named(table: str, name: str) -> str:
    """The network that a row of a benchmark is, as a user names it; ``name`` itself where no row is called so; "" for a row that is none of ours."""
    rows = reference.device_networks()
    rows = rows[(rows["table"] == table) & (rows["row"] == name)]
    if rows.empty or name in [c.name for c in population(table).columns]:
        return name
    row = rows.iloc[0]
    if pd.isna(row["preset"]):
        return ""
    return f"{row['preset']}:int8" if row["precision"] == "int8" else str(row["preset"])
