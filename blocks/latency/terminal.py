"""What ``python -m blocks.latency`` reads and writes: networks as words, results as text."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from blocks import catalog
from blocks.analysis import Analysis
from blocks.knobs import KnobError, unknown_knob
from blocks.language import retell, tr
from blocks.language.terminal import printed_table
from blocks.latency import lab
from blocks.latency.measure.experiment import names_file
from blocks.latency.measure.profile import Profile
from blocks.latency.measure.results import Comparison, Measurement
from blocks.latency.roofline.chart_data import network_point, roofline_table
from blocks.latency.roofline.estimate import estimate
from blocks.latency.roofline.machines import Machine
from blocks.latency.sweeps.grid import Grid
from blocks.latency.sweeps.sweep import SweepProgress


def network_of(words: str) -> tuple[str, dict[str, Any]]:
    """Name and knobs of ``resnet50,se_ratio=16,depths=3,4,6,3``: a part without "=" goes on with the value before it.

    Files are ``path.py:Class`` (its arguments as knobs) and ``path.pt2``; naming one here allows it. Raises :class:`KnobError`.
    """
    name, *parts = words.split(",")
    texts: dict[str, str] = {}
    for part in parts:
        knob, equals, text = part.partition("=")
        if equals:
            texts[knob.strip()] = text.strip()
        elif texts:
            texts[list(texts)[-1]] += f",{part.strip()}"
        else:
            raise KnobError("network", words, "knobs follow the name as knob=value", [f"{name},knob=value"])
    if names_file(name):
        if not Path(name.partition(":")[0]).is_file():
            raise KnobError("network", name, "is not a file here")
        return lab.allow_file(name), {k: _literal(v) for k, v in texts.items()}
    catalog.entry(name)
    return name, {k: parse_knob(name, k, v) for k, v in texts.items()}


def pair(text: str, what: str, example: str) -> tuple[str, str]:
    """``name=value`` as a pair. Raises :class:`KnobError`."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise KnobError(what, text, "must be name=value", [example])
    return name.strip(), value.strip()


def parse_knob(name: str, knob: str, text: str) -> object:
    """The value of a knob of the catalog from its text."""
    known = {k.name: k for k in catalog.knobs(name)}
    knob = knob.replace("-", "_")
    if knob not in known:
        raise unknown_knob(name, knob, text, known)
    return known[knob].parse(text)


def _literal(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def whole_numbers(text: str, what: str) -> tuple[int, ...]:
    """``1,3,224,224`` as numbers. Raises :class:`KnobError`."""
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise KnobError(what, text, "must be whole numbers with commas between them", ["1,3,224,224" if what == "input" else "1,8"]) from None


def network_input_shape(name: str, knobs: dict[str, object], given: tuple[int, ...] | None, batch: int | None) -> tuple[int, ...] | None:
    """The input's shape: as given, or the catalog's with this batch; None leaves it to the catalog."""
    if given is not None:
        return given if batch is None else (batch, *given[1:])
    if names_file(name):
        raise KnobError("input", None, "a network from a file needs --input", ["1,3,224,224"])
    return None if batch is None else (batch, *catalog.input_shape(name, **knobs)[1:])


def grid_of(networks: Sequence[str], vary: Sequence[str], batches: str, dtypes: str, base: Any) -> Grid:
    """A sweep's grid; ``vary`` holds ``knob=v1,v2,...``, of the first network's knobs."""
    knobs: dict[str, tuple[object, ...]] = {}
    for words in vary:
        knob, equals, text = words.partition("=")
        if not equals or not text:
            raise KnobError("vary", words, "must be knob=value,value,...", ["se_ratio=0,4,16"])
        knobs[knob.replace("-", "_")] = tuple(parse_knob(networks[0], knob, part) for part in text.split(","))
    return Grid(tuple(networks), knobs, whole_numbers(batches, "batches"), tuple(dtypes.split(",")), base=base)


# --- Text ------------------------------------------------------------------------------------------


def status_line(s: lab.Status) -> str:
    """One line on a job under way."""
    if s.state == "queued":
        return tr("queued, {n} before it", n=s.position)
    parts = [tr(s.phase or s.state), *([f"n = {s.n}"] if s.n else [])]
    if s.median is not None:
        parts.append(tr("median {time} ms", time=f"{s.median * 1e3:.4g}"))
    return tr(", ").join(parts) + (f". {retell(s.message)}" if s.message else "")


def measurement_text(m: Measurement) -> str:
    """A measurement: the figure first, then what it is and why it stopped."""
    bounds = f" ({m.low * 1e3:.4g} – {m.high * 1e3:.4g}, 95 %)" if m.low is not None and m.high is not None else ""
    figure = tr("{network}: median {time} ms{interval}, n = {n}; {rate} images/s", network=m.experiment.title, time=f"{m.median * 1e3:.4g}", interval=bounds, n=m.n, rate=f"{m.throughput:.4g}")  # fmt: skip
    tails = [f"p{name} {t[0] * 1e3:.4g} ms" for name, t in (("90", m.p90), ("99", m.p99)) if t is not None]
    lines = [figure, "  " + ", ".join([m.experiment.describe(), *tails])]
    if m.joules_per_image is not None:
        lines.append("  " + tr("{joules} J per image, measured", joules=f"{m.joules_per_image:.4g}"))
    if m.process_medians:
        lines.append("  " + tr("medians of fresh processes: {times} ms", times=", ".join(f"{t * 1e3:.4g}" for t in m.process_medians)))
    return "\n".join([*lines, f"  {' '.join(map(retell, [m.why, *m.remarks]))}"])


def comparison_text(c: Comparison) -> str:
    """Verdicts and ranking."""
    ranking = ["  " + tr("{rank}. {network}  {factor} times the fastest", rank=p["rank"], network=p["name"], factor=f"{p['relative']:.3f}") for p in c.ranking]
    how = tr("{n} episodes in {seconds} s.", n=c.episodes, seconds=f"{c.seconds:.3g}")
    return "\n".join([*(retell(v["sentence"]) for v in c.verdicts), *ranking, "  " + " ".join([how, *map(retell, c.remarks)])])


def profile_text(found: Profile, analysis: Analysis, rows: int = 20) -> str:
    """The longest operations, then the sum, the whole and the difference."""
    table = analysis.table.set_index("node")
    longest = sorted(found.by_node.items(), key=lambda item: -item[1])[:rows]
    lines = [f"{t * 1e3:>10.4f} ms {100 * t / found.sum:>6.2f} %  {table['op'][n]:<20} {table['module'][n]}" for n, t in longest if n in table.index]
    more = len(found.by_node) - len(longest)
    return "\n".join(
        [
            found.experiment.describe(),
            *lines,
            *([f"{'':>10} " + tr("and {n} more", n=more)] if more > 0 else []),
            *map(retell, found.explained),
            *map(retell, found.remarks),
        ]
    )


def machines_text(known: Sequence[Machine]) -> str:
    """One row per machine."""
    rows = [
        {"name": m.name, "machine": m.title, "GB/s": m.bandwidth / 1e9} | {d: m.peaks[d] / 1e12 for d in m.peaks}
        | {"µs/op": m.overhead * 1e6, "error": m.efficiency.error, "source": m.source} for m in known
    ]  # fmt: skip
    return printed_table(pd.DataFrame(rows), na_rep="-", float_format=lambda v: f"{v:.3g}")


def roofline_text(analysis: Analysis, machine: Machine, known: Sequence[Machine], dtype: str | None, rows: int = 20) -> str:
    """A network under a machine's roof, its longest operations, and its estimate on every machine."""
    dtype = dtype or analysis.dtype
    table = roofline_table(analysis, machine, dtype=dtype)
    dot = network_point(table)
    lines = [
        tr(
            "{network} on {machine}: {peak} TFLOP/s in {type}, {bandwidth} GB/s, ridge at {ridge} FLOPs per byte",
            network=analysis.name or tr("network"), machine=machine.title, peak=f"{machine.peak(dtype) / 1e12:.4g}", type=dtype,
            bandwidth=f"{machine.bandwidth / 1e9:.4g}", ridge=f"{machine.ridge(dtype):.3g}",
        ),
        tr(
            "estimated {time} ms, {intensity} FLOPs per byte, {reached} % of its operations' roofs",
            time=f"{dot['seconds'] * 1e3:.4g}", intensity=f"{dot['intensity']:.3g}", reached=f"{100 * dot['reached']:.3g}",
        ),
    ]  # fmt: skip
    top = table.sort_values("seconds", ascending=False).head(rows)
    top = top.assign(us=top["seconds"] * 1e6, reached=100 * top["reached"])[["module", "op", "setting", "intensity", "us", "reached", "bound"]]
    lines.append(printed_table(top.rename(columns={"us": "µs", "reached": tr("% of roof")}), float_format=lambda v: f"{v:.3g}"))
    for m in known:
        try:
            guess = estimate(analysis, m, dtype)
        except KnobError:
            continue
        error = "" if guess.error is None else "   " + tr("median error {percent} %", percent=f"{100 * guess.error:.0f}")
        lines.append(f"  {m.title:<38} {guess.seconds * 1e3:>10.4g} ms{error}")
    return "\n".join(lines)


def sweep_text(p: SweepProgress) -> str:
    """A sweep's table and where it stands."""
    table = p.table.dropna(axis=1, how="all")
    for name in ("median", "low", "high"):
        if name in table:
            table[name] = table[name].astype(float) * 1e3
    parts = [tr(p.state), tr("{done} of {total} done", done=p.done, total=p.total), *([tr("{n} not possible", n=p.failed)] if p.failed else [])]
    words = f"{p.sweep}: {tr(', ').join(parts)}" + (f". {retell(p.message)}" if p.message else "")
    return printed_table(table.rename(columns={"median": tr("median ms"), "low": tr("low ms"), "high": tr("high ms")})) + "\n" + words


def ledger_text(rows: pd.DataFrame) -> str:
    """The ledger's rows as text; times in milliseconds, comparisons as ratios."""
    if rows.empty:
        return tr("No result fits.")
    ms = (rows["median"].astype(float) * 1e3).where(rows["kind"] != "compare", rows["median"].astype(float))
    table = rows.assign(when=rows["finished_at"].dt.strftime("%Y-%m-%d %H:%M"), figure=[f"{v:.4g}" if v == v else "-" for v in ms])
    return printed_table(table[["id", "when", "kind", "network", "figure", "n", "batch", "device_name", "dtype", "mode"]], na_rep="-")
