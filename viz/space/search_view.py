"""The search: what is looked for, its course while it runs, and the best that was found."""

from __future__ import annotations

from typing import Any

import streamlit as st

from blocks.knobs import KnobError
from blocks.space.search import Search, start
from viz.kit import links
from viz.kit.charts import chart, is_dark
from viz.kit.figures import FIGURES
from viz.kit.navigation import link_to
from viz.space.figures import course
from viz.space.sampled import choice_of, setup_of
from viz.space.state import Design

_KEY = "design-search"


def search_view(state: Design) -> None:
    """Start, follow and stop a search over the same space and budgets."""
    st.markdown("### Search")
    goal = state.goal
    word = "most" if goal.more else "least"
    limits = " and ".join(f"{FIGURES[f].label} ≤ {FIGURES[f].form(v)}" for f, v in goal.budgets.items())
    limits = f"within {limits}" if limits else "without a budget (the sidebar sets some)"
    left, middle, right = st.columns([3, 1, 1], vertical_alignment="bottom")
    left.markdown(f"Look for the **{word} {FIGURES[goal.figure].label.lower()}** {limits}. Optuna's TPE sampler asks, every variant is counted.")
    trials = int(middle.number_input("Trials", 10, 2000, 120, step=10, key="design.trials"))
    running: Search | None = st.session_state.get(_KEY)
    busy = running is not None and not running.over
    if right.button(
        "Stop" if busy else "Search", key="design.search", icon=":material/stop:" if busy else ":material/search:", type="primary", width="stretch"
    ):
        if running is not None and busy:
            running.stop()
        else:
            _begin(state, trials)
        st.rerun()
    st.fragment(_live, run_every=0.7 if busy else None)(state, busy)


def _begin(state: Design, trials: int) -> None:
    try:
        st.session_state[_KEY] = start(state.space, setup_of(state.choice), state.goal, trials, state.seed, state.machine)
        st.session_state[f"{_KEY}-of"] = state
    except KnobError as error:
        st.session_state[_KEY] = None
        st.error(str(error), icon=":material/error:")


def _live(state: Design, was_busy: bool) -> None:
    search: Search | None = st.session_state.get(_KEY)
    if search is None:
        return
    if was_busy and search.over:
        st.rerun()
    if not search.over:
        st.progress(search.done / search.trials, f"{search.done} of {search.trials} trials, {search.refused} refused")
    if search.error:
        st.error(search.error, icon=":material/error:")
    frame = search.frame()
    if frame.empty:
        return
    chart(course(frame, search.goal.figure, is_dark()), key="design.course", name="search", frame=frame, height=360)
    _best(st.session_state.get(f"{_KEY}-of", state), search)


def _best(state: Design, search: Search) -> None:
    if search.best is None:
        st.caption("Nothing within the budgets yet." if not search.over else "No variant that was tried keeps to the budgets.")
        return
    row, choice = search.rows[search.best], choice_of(state, search.variants[search.best])
    knobs: dict[str, Any] = {**choice.knobs, **({"side": choice.side} if choice.side else {})}
    said = ", ".join(f"{k} = {v}" for k, v in knobs.items()) or "as published"
    figures = " · ".join(f"{FIGURES[f].label} {FIGURES[f].form(row[f])}" for f in FIGURES if f in row)
    st.markdown(f"**Best of {search.done}** ({search.state}): {said}\n\n{figures}")
    link_to(links.explore(choice), "Open it in Explore", icon=":material/tune:")
