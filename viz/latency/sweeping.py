"""Sweeps on the page: a grid of knobs, batches and types that is measured cell by cell, can be paused, and goes on after a restart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from blocks import catalog
from blocks.knobs import KnobError
from blocks.language import retell, tr, translatable
from blocks.latency.measure.experiment import CHOICES
from blocks.latency.store.ledger import LedgerError
from blocks.latency.sweeps import sweep
from blocks.latency.sweeps.grid import Grid
from blocks.latency.sweeps.sweep import SweepProgress
from blocks.latency.terminal import grid_of
from viz.kit.board import Side
from viz.kit.charts import chart, is_dark
from viz.kit.markdown import error_box
from viz.kit.saving import saved_table
from viz.kit.task import Task, TaskState, live, progress
from viz.kit.widget_state import held_index
from viz.latency import figures
from viz.latency.address import LatencyState

_CHOSEN = "latency.sweep"
_STATES = {
    "running": ":material/play_arrow:",
    "paused": ":material/pause:",
    "done": ":material/check:",
    "interrupted": ":material/bolt:",
    "failed": ":material/error:",
}
#: What a cell's state is called.
_CELL_STATES = {
    "waiting": translatable("waiting"),
    "running": translatable("running"),
    "done": translatable("done"),
    "failed": translatable("failed"),
    "impossible": translatable("not possible"),
}
#: Heads of the table's columns that are not knobs.
_TITLES = {
    "state": translatable("state"),
    "median (ms)": translatable("median (ms)"),
    "low (ms)": translatable("low (ms)"),
    "high (ms)": translatable("high (ms)"),
    "images/s": translatable("images/s"),
    "J per image": translatable("J per image"),
    "message": translatable("remark"),
}
_FINAL: dict[str, TaskState] = {"paused": "stopped", "done": "done", "interrupted": "stopped", "failed": "failed"}


def sweep_section(state: LatencyState, sides: Sequence[Side]) -> None:
    """A new sweep, and the ones that the ledger knows."""
    try:
        _new(state, sides)
        _known()
    except LedgerError as error:
        error_box(str(error))


def _new(state: LatencyState, sides: Sequence[Side]) -> None:
    """What to vary, how many cells that makes, and the button that starts them."""
    names = list(dict.fromkeys(side.choice.name for side in sides))
    with st.container(border=True):
        vary = _axes(sides[0])
        left, middle, right = st.columns([2, 2, 1.2], vertical_alignment="bottom")
        batches = left.text_input(tr("Batches"), "1, 2, 4, 8", key="latency.batches")
        dtypes = middle.multiselect(tr("Types"), list(CHOICES["dtype"]), default=["float32"], key="latency.sweep_dtypes")
        try:
            grid = _grid(state, sides[0], names, vary, batches, dtypes)
        except KnobError as error:
            error_box(str(error))
            grid = None
        if (
            right.button(tr("Start"), type="primary", icon=":material/grid_on:", key="latency.start_sweep", disabled=grid is None, width="stretch")
            and grid is not None
        ):
            try:
                st.session_state[_CHOSEN] = sweep.start_sweep(grid)
            except KnobError as error:
                error_box(str(error))
        if grid is not None:
            said = tr(
                "{grid}; each measured for {seconds} s at most. A cell that the ledger has already is not measured again.",
                grid=retell(grid.title), seconds=state.conditions.seconds,
            )  # fmt: skip
            st.caption(said)


def _axes(side: Side) -> list[str]:
    """The knobs that are varied and the values of each, as ``knob=v1,v2``."""
    knobs = {k.name: k for k in catalog.knobs(side.choice.name) if k.kind != "ints"}
    chosen = st.multiselect(
        tr("Knobs of {network} to vary", network=side.choice.name),
        list(knobs),
        key=f"latency.vary.{side.choice.name}",
        max_selections=3,
        placeholder=tr("none"),
    )
    made = []
    for column, name in zip(st.columns(len(chosen)) if chosen else [], chosen, strict=True):
        knob = knobs[name]
        some = [knob.text(v) for v in (knob.values or ())][:4] or [knob.text(knob.default)]
        label = tr("{knob}: values", knob=tr(knob.label))
        made.append(f"{name}={column.text_input(label, ', '.join(some), key=f'latency.values.{side.choice.name}.{name}')}")
    return [words.replace(", ", ",") for words in made]


def _grid(state: LatencyState, first: Side, names: list[str], vary: list[str], batches: str, dtypes: list[str]) -> Grid:
    base = state.conditions.experiment(replace(first.choice, dtype="float32"))
    if len(names) > 1:  # the knobs of one network mean nothing to another
        base = replace(base, knobs=())
    made = grid_of(names, vary, batches.replace(" ", ""), ",".join(dtypes), base)
    return replace(made, side=first.choice.side)


def _known() -> None:
    """The chosen sweep with its buttons, its progress and its pictures."""
    known = sweep.known_sweeps()
    if known.empty:
        st.caption(tr("No sweep yet. It runs on this machine; with EXPLORER_RAY_ADDRESS set, on that Ray cluster, one job a device."))
        return
    titles = {row["id"]: f"{retell(row['title'])} · {row['created_at']:%Y-%m-%d %H:%M}" for row in known.to_dict("records")}
    identity = st.selectbox(tr("Sweep"), list(titles), held_index(_CHOSEN, list(titles), next(iter(titles))), key=_CHOSEN, format_func=titles.__getitem__)
    task = SweepTask(identity)
    live([task], lambda: _progress(task), every=1.0)


class SweepTask(Task):
    """The sweep called ``identity``, as the ledger and this program know it. To stop it is to pause it."""

    def __init__(self, identity: str) -> None:
        self.identity = self.about = identity
        self.known = sweep.sweep_progress(identity)
        self.error = ""

    def look(self) -> None:
        """Bring ``known`` up to date; where that is not possible, ``error`` says why."""
        try:
            self.known = sweep.sweep_progress(self.identity)
        except (KnobError, LedgerError) as error:
            self.error = str(error)

    @property
    def state(self) -> TaskState:
        """As :class:`Task`, when last looked at. A sweep whose program ended is stopped, and can be resumed."""
        return "failed" if self.error else _FINAL.get(self.known.state, "running")

    @property
    def share(self) -> float:
        """Of the cells that are measured or not possible."""
        return min(1.0, self.known.share)

    @property
    def message(self) -> str:
        """State, cells that are done, and an estimate of what is left."""
        found = self.known
        said = [f"{_STATES.get(found.state, '')} {tr(found.state)}", tr("{done} of {total} done", done=found.done, total=found.total)]
        if found.failed:
            said.append(tr("{n} not possible", n=found.failed))
        if found.state == "running" and found.left is not None:
            said.append(tr("about {seconds} s left", seconds=f"{found.left:.0f}"))
        return " · ".join(said)

    @property
    def partial(self) -> SweepProgress:
        """The cells so far."""
        return self.known

    @property
    def result(self) -> SweepProgress | None:
        """The cells once all are measured."""
        return self.known if self.known.state == "done" else None

    def stop(self) -> None:
        """Pause it."""
        sweep.pause_sweep(self.identity)


def _progress(task: SweepTask) -> None:
    task.look()
    if task.error:
        error_box(retell(task.error))
        return
    found = task.known
    progress(task)
    if found.message:
        st.caption(retell(found.message))
    is_running = found.state == "running"
    with st.container(horizontal=True, gap="small"):
        if st.button(tr("Pause"), icon=":material/pause:", key="latency.pause", disabled=not is_running):
            task.stop()
            st.rerun()
        if st.button(tr("Resume"), icon=":material/play_arrow:", key="latency.resume", disabled=is_running or found.state == "done"):
            _resume(task.identity)
    _pictures(found)


def _resume(identity: str) -> None:
    try:
        sweep.resume_sweep(identity, again=True)
    except KnobError as error:
        error_box(str(error))
        return
    st.rerun()


def _pictures(found: SweepProgress) -> None:
    axes = [name for name, values in found.axes.items() if len(values) > 1] or ["batch"]
    left, middle, right = st.columns(3)
    along = left.selectbox(tr("Along"), axes, index=axes.index("batch") if "batch" in axes else 0, key=f"latency.along.{found.sweep}")
    lines = [translatable("none"), *[a for a in axes if a != along]]
    by = middle.selectbox(tr("A line for each"), lines, index=min(1, len(lines) - 1), key=f"latency.by.{found.sweep}", format_func=tr)
    what = right.segmented_control(
        tr("Shown"), [translatable("time"), translatable("images/s")], default="time", required=True, key=f"latency.what.{found.sweep}", format_func=tr
    )
    shown = _readable(found.table)
    if (found.table["state"] == "done").any():
        figure = figures.sweep_chart(found.table, along, None if by == "none" else by, what == "time", is_dark())
        chart(figure, key="latency-sweep", name="sweep", of=found.title, frame=shown, height=420)
    saved_table(shown, "sweep", _columns(shown), of=found.title, what="sweep", width="stretch", height=300, placeholder="–")


def _columns(shown: pd.DataFrame) -> dict[str, object]:
    """The columns under the user's words; knobs keep their names, and the saved file keeps all."""
    return {name: st.column_config.Column(tr(title)) for name, title in _TITLES.items() if name in shown}


def _readable(table: pd.DataFrame) -> pd.DataFrame:
    """A sweep's table as it is shown: milliseconds, units in the headers, states and remarks in the user's language, no empty column."""
    table = table.assign(state=[tr(_CELL_STATES[state]) for state in table["state"]], message=table["message"].map(retell))
    times = {f"{n} (ms)": table[n].astype(float) * 1e3 for n in ("median", "low", "high")}
    words = {"images_per_second": "images/s", "joules_per_image": "J per image"}
    more = table[["images_per_second", "joules_per_image", "message"]].rename(columns=words)
    more = more.loc[:, [c for c in more if c == "images/s" or (more[c].notna() & (more[c] != "")).any()]]
    return table.drop(columns=["median", "low", "high", "images_per_second", "joules_per_image", "message"]).assign(**times).join(more)
