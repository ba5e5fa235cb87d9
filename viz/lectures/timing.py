"""A step's measurement: networks timed in interleaved rounds on the device at hand, started by a button, live while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from blocks.analysis import Analysis
from blocks.language import tr, translatable
from blocks.latency import lab
from blocks.latency.measure.results import Comparison
from viz.experiments.results import KeptResult, keep_result, last_result
from viz.kit.choice import Choice
from viz.kit.experiment import experiment_of
from viz.kit.figures import MACS, PARAMS
from viz.kit.lab_task import LabTask, phase_text
from viz.kit.screen import Screen
from viz.kit.session import session
from viz.kit.task import Task, begin, live, progress, tasks
from viz.lectures.live import table_text
from viz.lectures.targets import targets

_HEADS = {
    "network": translatable("Network"), "params": PARAMS.label, "macs": MACS.label, "median": translatable("Median (ms)"),
    "interval": translatable("95 % interval (ms)"), "rate": "GFLOP/s", "joules": translatable("J per image"),
}  # fmt: skip


def timing(options: Mapping[str, str], screen: Screen) -> None:
    """Two or more networks compared; the figure is live while it narrows. Before that, the last measurement of the same networks, with its age."""
    rows = [(t, t.at(screen.turned)) for t in targets(options["names"])]
    wanted = (tuple(choice.key for _, choice in rows), options.get("mode", "forward"))
    key = screen.place("latency", options)
    if key in tasks() and tasks()[key].about != wanted:
        tasks().pop(key).stop()
    label = tr("Measure {networks} on this device", networks=" · ".join(t.title for t, _ in rows))
    if not screen.still and st.button(label, key=f"{key}.go", icon=":material/timer:"):
        begin(key, lambda: LabTask(_submit([c for _, c in rows], options), wanted))
    shown = [(t.title, t.analysis(screen.turned)) for t, _ in rows]
    task = tasks().get(key)
    kept = last_result("latency", {"of": repr(wanted)}) if task is None else None
    live([task], lambda: _live(task, kept, shown, key, screen), every=None if screen.still else 0.5)


def _submit(choices: list[Choice], options: Mapping[str, str]) -> str:
    limits = lab.Limits(max_seconds=float(options.get("seconds", "10")))
    experiments = [experiment_of(c, _device(), mode=options.get("mode", "forward"), limits=limits) for c in choices]
    return lab.compare(experiments, session=session())


def _device() -> str:
    """The accelerator where there is one, else the CPU."""
    return next((d.device for d in lab.devices() if d.device != "cpu"), "cpu")


def _live(task: Task | None, kept: KeptResult | None, rows: list[tuple[str, Analysis]], key: str, screen: Screen) -> None:
    if not isinstance(task, LabTask):
        if kept is not None:
            _compared(kept.result, rows)
        else:
            st.markdown(counts_table(rows))
        if not screen.still:
            st.caption(tr("Not measured yet.") if kept is None else tr("Measured on this device {minutes} min ago.", minutes=kept.minutes))
        return
    if not task.over:
        progress(task, f"{tr('Measuring in interleaved rounds …')} {phase_text(task.status.phase)}", stop=f"{key}.stop", stop_label=tr("Stop"))
        return
    result = task.result
    if not isinstance(result, Comparison):
        st.caption(tr("Nothing was measured: {why}", why=task.message))
        return
    keep_result("latency", {"of": repr(task.about)}, result, result.finished_at)
    _compared(result, rows)


def _compared(result: Comparison, rows: list[tuple[str, Analysis]]) -> None:
    st.markdown(timing_table(result, rows))
    first, margin = rows[0][0], result.experiments[0].limits.margin
    sentences = [verdict_sentence(v, first, other, margin) for v, (other, _) in zip(result.verdicts, rows[1:], strict=True)]
    st.markdown(" ".join(f"**{sentence}**" for sentence in sentences))
    st.caption(f"{result.experiments[0].device} · {result.experiments[0].describe()}")


def counts_table(rows: list[tuple[str, Analysis]]) -> str:
    """What is known before anything was measured: parameters and MACs, with room for the time."""
    heads = ["network", "params", "macs", "median"]
    lines = _table_head(heads)
    lines += [f"| {title} | {table_text('params', analysis.params)} | {table_text('macs', analysis.macs)} | – |" for title, analysis in rows]
    return "\n".join(lines)


def timing_table(result: Comparison, rows: list[tuple[str, Analysis]]) -> str:
    """Counts beside times: parameters, MACs, median with its interval, the FLOP/s that a forward pass reached, and Joules where the device tells."""
    forward = result.experiments[0].mode == "forward"
    told = any(one.joules_per_image is not None for one in result.each)
    heads = ["network", "params", "macs", "median", "interval", *(["rate"] if forward else []), *(["joules"] if told else [])]
    lines = _table_head(heads)
    for (title, analysis), one in zip(rows, result.each, strict=True):
        low, high = (f"{v * 1e3:.4g}" if v is not None else "?" for v in (one.low, one.high))
        cells = [title, table_text("params", analysis.params), table_text("macs", analysis.macs), f"{one.median * 1e3:.4g}", f"{low} – {high}"]
        cells += [f"{analysis.flops / one.median / 1e9:.3g}"] if forward else []
        cells += ["?" if one.joules_per_image is None else f"{one.joules_per_image:.3g}"] if told else []
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _table_head(heads: list[str]) -> list[str]:
    return ["| " + " | ".join(tr(_HEADS[head]) for head in heads) + " |", "|:--|" + "--:|" * (len(heads) - 1)]


def verdict_sentence(verdict: Mapping[str, Any], first: str, other: str, margin: float) -> str:
    """The verdict on two networks by the lecture's names for them."""
    kind, ratio, low, high = verdict["kind"], verdict["ratio"], verdict["low"], verdict["high"]
    if kind == "same":
        return tr("No difference larger than {margin} % between {a} and {b}.", a=first, b=other, margin=f"{100 * margin:.2g}")
    if kind == "undecided":
        return tr(
            "Not yet decided: about {more} more rounds. So far {b} takes {ratio} times the time of {a}.",
            a=first,
            b=other,
            ratio=f"{ratio:.3f}",
            more=verdict["more"],
        )
    if kind == "slower":
        first, other, ratio, low, high = other, first, 1 / ratio, 1 / high, 1 / low
    digits = 2 if ratio >= 1.1 else 3
    return tr(
        "{a} is {ratio} times ({low}–{high}) faster than {b}.",
        a=first,
        b=other,
        ratio=f"{ratio:.{digits}f}",
        low=f"{low:.{digits}f}",
        high=f"{high:.{digits}f}",
    )
