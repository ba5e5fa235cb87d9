"""A against B: interleaved in rounds, a verdict per pair, and a ranking with ties for more than two."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from blocks.language import retell, tr
from blocks.latency import lab
from blocks.latency.measure.verdict import FALSE_SHARE
from viz.kit.board import Side
from viz.kit.charts import chart, is_dark
from viz.kit.lab_task import LabTask
from viz.kit.session import session
from viz.kit.task import begin, live, progress, running, tasks
from viz.latency import figures
from viz.latency.address import LatencyState
from viz.latency.session import task_key

_KEY = task_key("versus")
_ICONS = {"faster": ":material/bolt:", "slower": ":material/bolt:", "same": ":material/drag_handle:", "undecided": ":material/hourglass_empty:"}


def versus_section(state: LatencyState, sides: Sequence[Side]) -> None:
    """The button, the verdicts as they form, and the pictures behind them."""
    if len(sides) < 2:
        st.info(tr("A comparison needs two networks: add one above. The first card is what the others are compared with."), icon=":material/balance:")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if st.button(tr("Compare"), type="primary", icon=":material/balance:", key="latency.compare", disabled=len(sides) < 2):
            begin(_KEY, lambda: _submitted(state, sides))
        task = tasks().get(_KEY)
        if st.button(tr("Stop"), icon=":material/stop:", key="latency.stop_compare", disabled=not running([task])) and task is not None:
            task.stop()
        st.caption(
            tr(
                "Both run in interleaved rounds, in random order and freshly allocated memory; the ratio of each round is judged, so that a slow minute hits both."
            )
        )
    if isinstance(task, LabTask):
        live([task], lambda: _verdicts(task))
        if isinstance(task.result, lab.Comparison):
            _pictures(task.result, *task.about)


def _submitted(state: LatencyState, sides: Sequence[Side]) -> LabTask:
    job = lab.compare([state.conditions.experiment(side.choice) for side in sides], session=session())
    return LabTask(job, about=([s.title for s in sides], [s.colour for s in sides]))


def _verdicts(task: LabTask) -> None:
    """A sentence per pair; while it runs what is known so far."""
    progress(task)
    found = task.result.verdicts if task.result is not None else task.status.verdicts
    names = task.about[0]
    for i, verdict in enumerate(found, 1):
        st.markdown(f"### {_ICONS[verdict['kind']]} {retell(verdict['sentence'])}")
        st.caption(tr("{first} against {second}", first=names[0], second=names[i]))
    if isinstance(task.result, lab.Comparison):
        c = task.result
        said = tr(
            "{episodes} episodes of {rounds} rounds in {seconds} s; stopped as {end}. Each interval holds at {level} %, "
            "so that, over all looks at all pairs, equal networks are called different in at most one of {times} comparisons. {quantity}.",
            episodes=c.episodes, rounds=c.rounds // max(1, c.episodes), seconds=f"{c.seconds:.3g}", level=f"{100 * c.level:.3g}", times=f"{1 / FALSE_SHARE:.0f}",
            end=tr("every verdict was reached") if c.converged else tr("the time limit was reached"), quantity=c.experiments[0].describe(),
        )  # fmt: skip
        st.caption(" ".join([said, *map(retell, c.remarks)]))


def _pictures(c: lab.Comparison, names: list[str], colours: list[int]) -> None:
    dark = is_dark()
    left, right = st.columns(2, gap="medium")
    of = [", ".join([name, c.experiments[0].dtype, c.experiments[0].device]) for name in names]
    frame = pd.DataFrame(np.exp(np.array(c.log_ratios)), columns=[f"{name}: time / time of {names[0]}" for name in names])
    with left:
        st.markdown(tr("#### The ratio in each episode"))
        chart(
            figures.ratio_chart(c, names, colours, dark, c.experiments[0].limits.margin),
            key="latency-ratios",
            name="latency-ratios",
            of=of,
            frame=frame,
            height=360,
        )
    with right:
        st.markdown(tr("#### Ranking; equal ranks are ties"))
        chart(figures.ranking_chart(c, names, colours, dark), key="latency-ranking", name="latency-ranking", of=of, frame=pd.DataFrame(c.ranking), height=360)
