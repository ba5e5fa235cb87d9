"""The search: what is looked for, its course while it runs, and the best that was found."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from blocks.language import retell, tr
from blocks.space.search import Search, start_search
from viz.kit import links
from viz.kit.charts import chart, is_dark
from viz.kit.figures import CHART_FIGURES
from viz.kit.markdown import error_box
from viz.kit.navigation import link_to
from viz.kit.task import Task, TaskState, live, progress, start_button
from viz.space.address import Design
from viz.space.figures import search_course
from viz.space.sampled import choice_of, setup_of

_KEY = "design.search.task"
_STATES: dict[str, TaskState] = {"running": "running", "done": "done", "stopped": "stopped", "failed": "failed"}


class SearchTask(Task):
    """A search of the design ``about``."""

    def __init__(self, search: Search, about: Design) -> None:
        self.search, self.about = search, about

    @property
    def state(self) -> TaskState:
        """As :class:`Task`; a search that was asked to stop runs until its batch is counted."""
        return _STATES[self.search.state] if self.search.over else "running"

    @property
    def share(self) -> float:
        """Of the trials that were asked."""
        return self.search.done / self.search.trials

    @property
    def message(self) -> str:
        """Trials so far, or why it failed."""
        search = self.search
        return retell(search.error) or tr("{done} of {trials} trials, {refused} refused", done=search.done, trials=search.trials, refused=search.refused)

    @property
    def partial(self) -> pd.DataFrame:
        """What was tried so far."""
        return self.search.frame()

    @property
    def result(self) -> pd.DataFrame | None:
        """What was tried, once it is over."""
        return self.search.frame() if self.state == "done" else None

    def stop(self) -> None:
        """End it after the batch that is being counted; what was found stays."""
        self.search.stop()


def search_view(state: Design) -> None:
    """Start, follow and stop a search over the same space and budgets."""
    st.markdown(f"### {tr('Search')}")
    goal = state.goal
    figure = tr(CHART_FIGURES[goal.figure].label).lower()
    wanted = tr("most {figure}", figure=figure) if goal.more else tr("least {figure}", figure=figure)
    budgets = tr(" and ").join(f"{tr(CHART_FIGURES[f].label)} ≤ {CHART_FIGURES[f].form(v)}" for f, v in goal.budgets.items())
    limits = tr("within {budgets}", budgets=budgets) if budgets else tr("without a budget (the sidebar sets some)")
    said = tr("Find the **{wanted}** {limits}. Optuna's TPE sampler proposes variants; each is counted.", wanted=wanted, limits=limits)
    left, middle, right = st.columns([3, 1, 1], vertical_alignment="bottom")
    left.markdown(said)
    trials = int(middle.number_input(tr("Trials"), 10, 2000, 120, step=10, key="design.trials"))
    with right:
        task = start_button(
            _KEY, lambda: SearchTask(_search(state, trials), state), tr("Search"),
            key="design.search", icon=":material/search:", type="primary", width="stretch",
        )  # fmt: skip
    if isinstance(task, SearchTask):
        live([task], lambda: _live(task), every=0.7)


def _search(state: Design, trials: int) -> Search:
    return start_search(state.space, setup_of(state.choice), state.goal, trials, state.seed, state.machine, state.timed_on)


def _live(task: SearchTask) -> None:
    search = task.search
    if not task.over:
        progress(task)
    if search.error:
        error_box(retell(search.error))
    frame = task.partial
    if frame.empty:
        return
    chart(search_course(frame, search.goal.figure, is_dark()), key="design.course", name="search", of=task.about.choice, frame=frame, height=360)
    _best(task.about, search)


def _best(state: Design, search: Search) -> None:
    if search.best is None:
        st.caption(tr("Nothing within the budgets yet.") if not search.over else tr("None of the variants tried is within the budgets."))
        return
    row, choice = search.rows[search.best], choice_of(state, search.variants[search.best])
    knobs: dict[str, object] = {**choice.knobs, **({"side": choice.side} if choice.side else {})}
    said = ", ".join(f"{k} = {v}" for k, v in knobs.items()) or tr("as published")
    figures = " · ".join(f"{tr(CHART_FIGURES[f].label)} {CHART_FIGURES[f].form(row[f])}" for f in CHART_FIGURES if f in row)
    st.markdown(f"**{tr('Best of {n}', n=search.done)}** ({tr(search.state)}): {said}\n\n{figures}")
    link_to(links.explore_link(choice), tr("Open it in Explore"), icon=":material/tune:")
