"""Everything the library says of one catalog setting, as plain data: what the recorded baseline holds and the test compares.

The formulas by type of block inside a model are left out: which of several equal forms they take depends on what was derived before.

``python -m tests.baseline.figures`` records it anew (minutes); do so only for a change that the CHANGELOG names.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import sys
from pathlib import Path
from typing import Any

from blocks import analyse, catalog
from blocks.knobs import Knob, KnobError
from blocks.trace.errors import TraceError
from blocks.trace.symbolic import plain

DATA = Path(__file__).resolve().parents[1] / "data" / "baseline" / "figures.json.gz"
COUNTS = ("params", "macs", "flops")
#: A formula longer than this is kept by its hash.
LONGEST = 400


def digest(value: Any) -> str:
    """A short hash of plain data."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]


def text(value: str) -> str:
    """``value`` itself, or its beginning and hash where it is long."""
    return value if len(value) <= LONGEST else f"{value[:60]}... {digest(value)}"


def describe(name: str, knobs: dict[str, Any]) -> dict[str, Any]:
    """Figures, formulas, conditions, receptive fields and graph of ``name`` with ``knobs``."""
    a = analyse(name, **knobs)
    said: dict[str, Any] = {
        "figures": [a.params, a.macs, a.flops, a.bytes_moved, a.peak_memory],
        "training_peak": analyse(name, training=True, **knobs).peak_memory,
        "shapes": [list(a.input_shape), list(a.output_shape)],
        "table": digest(a.table.astype(str).to_dict("list")),
        "nodes": digest(
            [
                [n.op, n.kind, a.graph.label(n), [list(map(plain, s)) for s in n.outputs], n.dtype, *map(plain, (n.macs, n.flops, n.params, n.reads, n.writes))]
                for n in a.graph.nodes
            ]
        ),
        "edges": digest([[p, c, list(map(plain, s))] for p, c, s in a.graph.edges()]),
        "calls": digest([[c.path, c.label, c.parent, c.cls, list(map(plain, c.input_shape or ()))] for c in a.graph.calls]),
        "fields": digest([[i, *([f.size, f.stride, f.low, f.whole] for f in pair)] for i, pair in sorted(a.receptive_fields.items())]),
        "not_counted": list(map(str, a.not_counted)),
    }
    if catalog.entry(name).kind == "block":
        said["formulas"] = formulas(analyse(name, symbolic=True, **knobs))
    else:
        said["formulas"] = formulas(a.by_sizes)
    return said


def formulas(symbolic: Any) -> dict[str, list[str]]:
    """Each count's expression, names and conditions as text."""
    found = {}
    for of in COUNTS:
        formula = symbolic.formula(of)
        names = ", ".join(f"{k} = {v}" for k, v in formula.where.items())
        found[of] = [text(str(formula.expr)), text(formula.latex()), text(names), text("; ".join(map(str, formula.conditions))), text(str(formula.fixed))]
    return found


def candidates(knob: Knob) -> list[Any]:
    """Values that a turned knob may take, for choosing settings to record."""
    default = knob.default
    if knob.kind == "bool":
        return [not default]
    if knob.kind == "choice":
        return [v for v in knob.values or () if v != default]
    if knob.kind == "ints":
        return [tuple(v + 1 for v in default), (*default[:-1], default[-1] * 2)]
    step = knob.step or 1
    return [v for v in (default + step, default * 2, default - step, default + 2 * step) if v != default]


def turned(name: str, wanted: int = 3) -> list[dict[str, Any]]:
    """Up to ``wanted`` settings with one knob turned each; always the same ones for a name."""
    chance = random.Random(name)
    knobs = list(catalog.knobs(name))
    chance.shuffle(knobs)
    found: list[dict[str, Any]] = []
    for knob in knobs:
        for value in candidates(knob):
            setting = {knob.name: value}
            try:
                knob.check(value)
                analyse(name, **setting)
            except (KnobError, TraceError, ValueError):
                continue
            found.append(setting)
            break
        if len(found) == wanted:
            break
    return found


def settings_of(recorded: dict[str, Any]) -> dict[str, Any]:
    """Knob values as recorded, with the tuples that JSON has no word for."""
    return {k: tuple(v) if isinstance(v, list) else v for k, v in recorded.items()}


def load() -> dict[str, list[dict[str, Any]]]:
    """Name -> its recorded settings, each with what was said of it."""
    with gzip.open(DATA, "rt") as file:
        return json.load(file)


def record() -> None:
    """Write the baseline of every name."""
    names = sys.argv[1:] or catalog.names()
    made = {}
    for name in names:
        made[name] = [{"knobs": knobs, "said": describe(name, knobs)} for knobs in [{}, *turned(name)]]
        sys.stderr.write(f"{name}: {len(made[name])}\n")
    DATA.parent.mkdir(parents=True, exist_ok=True)
    with gzip.GzipFile(DATA, "wb", mtime=0) as file:
        file.write(json.dumps(made, indent=0, sort_keys=True).encode())


if __name__ == "__main__":
    record()
