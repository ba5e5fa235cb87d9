"""Which variant is faster here: an interleaved comparison in the worker process, live; the page never waits for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from blocks.language import retell, tr
from blocks.latency import lab
from blocks.latency.devices.asked import AskedDevice
from blocks.latency.devices.words import in_ms
from viz.compare.content import TableCell, TableRow
from viz.compare.tables import html_table
from viz.kit.board import Side
from viz.kit.charts import is_dark
from viz.kit.chosen_device import chosen_device, estimate_words, estimates_elsewhere
from viz.kit.experiment import experiment_of
from viz.kit.lab_task import LabTask
from viz.kit.session import session
from viz.kit.task import Task, begin, live, progress, tasks

_KEY = "compare.latency"


def latency_section(sides: Sequence[Side]) -> None:
    """Device, start and stop, and the verdicts as they narrow."""
    devices = {d.device: d for d in lab.devices()}
    left, middle, right = st.columns([3, 2, 4], vertical_alignment="bottom")
    device = left.selectbox(tr("Device"), list(devices), key="compare.device", format_func=lambda d: f"{devices[d].name} ({d})")
    with middle:
        on = st.toggle(
            tr("Measure"), key="compare.measure", help=tr("All variants in one run, in rounds of random order; a changed variant is measured again.")
        )
    right.caption(tr("A difference is claimed only when the 95 % interval of the ratio of times, from interleaved rounds, excludes 1."))
    task = tasks().get(_KEY)
    wanted = (tuple(side.choice.key for side in sides), device)
    if on and (task is None or task.about != wanted or task.state == "stopped"):
        task = begin(_KEY, lambda: LabTask(lab.compare(experiments(sides, device), session=session(), replace=True), wanted))
    elif not on and task is not None:
        task.stop()
        task.about = None  # measured anew when it is switched on again
    live([task], lambda: _verdicts(sides, task), every=0.7)
    asked = chosen_device()
    if asked is not None:
        st.html(html_table(sides, elsewhere_rows(asked, sides), is_dark()))


def elsewhere_rows(asked: AskedDevice, sides: Sequence[Side]) -> list[TableRow]:
    """The time of each variant on the device chosen on the Devices page: in a row of its own what is published or was timed there, in another what is estimated."""
    known, estimated = [], []
    for found in estimates_elsewhere([side.choice for side in sides]):
        only = found is not None and found.basis == "estimated"
        known.append(TableCell(f"{in_ms(found.ms)} ms") if found is not None and not only else TableCell("–"))
        estimated.append(TableCell(*estimate_words(found)) if found is not None and only else TableCell("–"))
    meaning = tr("Time of one picture on the device chosen on the Devices page; nothing of it was measured here.")
    title = tr("Timed by you on {device}", device=asked.title) if asked.probes else tr("Published of {device}", device=asked.title)
    return [TableRow(title, meaning, known), TableRow(tr("Estimated there"), meaning, estimated)]


def experiments(sides: Sequence[Side], device: str) -> list[lab.Experiment]:
    """One experiment per variant. Raises KnobError for what cannot be measured, such as int8."""
    return [experiment_of(side.choice, device) for side in sides]


def _verdicts(sides: Sequence[Side], task: Task | None) -> None:
    measured = comparison_of(task, sides)
    so_far = task.status.verdicts if isinstance(task, LabTask) else ()
    st.html(html_table(sides, latency_rows(sides, measured, so_far), is_dark()))
    if task is not None and not task.over:
        progress(task)  # below the table, where the result's conditions will stand: nothing jumps
    elif task is not None:
        st.caption(measured_how(measured) if measured else task.message)


def comparison_of(task: Task | None, sides: Sequence[Side]) -> lab.Comparison | None:
    """The finished comparison of exactly these variants; None while there is none."""
    found = task.result if task is not None else None
    if not isinstance(found, lab.Comparison) or len(found.experiments) != len(sides):
        return None
    same = all(
        e.network == s.choice.name and e.input_shape == s.choice.shape and e.dtype == s.choice.dtype for e, s in zip(found.experiments, sides, strict=True)
    )
    return found if same else None


def finished(sides: Sequence[Side]) -> lab.Comparison | None:
    """What this session has measured of these variants, for the report."""
    return comparison_of(tasks().get(_KEY), sides)


def latency_rows(sides: Sequence[Side], measured: lab.Comparison | None, so_far: Sequence[Mapping[str, object]] = ()) -> list[TableRow]:
    """Median time and verdict of each variant; a dash where nothing is known yet."""
    verdicts = measured.verdicts if measured else list(so_far)
    times = (
        [
            TableCell(seconds_text(m.median), f"95 %: {seconds_text(m.low)} – {seconds_text(m.high)}" if m.low and m.high else "", f"n = {m.n}")
            for m in measured.each
        ]
        if measured
        else []
    )
    first = TableCell(tr("reference"), tr("what the others are judged against"))
    return [
        TableRow(tr("Latency (median)"), tr("Time of one pass."), times or [TableCell("–", tr("not measured yet")) for _ in sides]),
        TableRow(
            tr("Verdict"),
            tr("The ratio of times and its interval."),
            [first, *(_verdict(v, sides[0]) for v in verdicts)] if verdicts else [TableCell("–") for _ in sides],
        ),
    ]


def seconds_text(seconds: float | None) -> str:
    """A time in µs, ms or s with four digits; "?" for none."""
    if seconds is None:
        return "?"
    return f"{seconds * 1e6:.4g} µs" if seconds < 1e-3 else f"{seconds * 1e3:.4g} ms" if seconds < 1 else f"{seconds:.4g} s"


def _verdict(verdict: Mapping[str, Any], first: Side) -> TableCell:
    """The verdict on one variant; its ratio is time over the first's."""
    ratio, low, high = verdict["ratio"], verdict.get("low"), verdict.get("high")
    interval = tr("time ×{ratio}", ratio=f"{ratio:.3f}") + (f" ({low:.3f} – {high:.3f})" if low and high else "")
    if verdict["kind"] == "same":
        return TableCell(tr("as fast as {a}", a=first.letter), tr("{interval}: no difference that matters", interval=interval))
    if verdict["kind"] == "undecided":
        return TableCell(tr("undecided"), tr("{interval}, about {n} more episodes", interval=interval, n=verdict["more"]))
    if verdict["kind"] == "slower":  # the first is the slower one
        return TableCell(tr("{factor}× faster", factor=f"{1 / ratio:.2f}"), interval, differs=True)
    return TableCell(tr("{factor}× slower", factor=f"{ratio:.2f}"), interval, differs=True)


def measured_how(measured: lab.Comparison) -> str:
    """What exactly was measured, and what may have moved it."""
    how = tr("{n} episodes of interleaved rounds in {seconds} s", n=measured.episodes, seconds=f"{measured.seconds:.0f}")
    parts = [measured.experiments[0].describe(), how, *([] if measured.converged else [tr("stopped at the time cap")])]
    return " ".join([tr("{sentence}.", sentence=" · ".join(parts)), *map(retell, measured.remarks)])
