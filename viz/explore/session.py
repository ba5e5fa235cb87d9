"""What the Explore page keeps of a session beside its address: the last good network, the knob that turned last, the sidebar's widgets."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from blocks import catalog
from blocks.analysis import Analysis
from blocks.knobs import KnobError
from blocks.trace.errors import TraceError
from viz.explore.address import ExploreState, read_explore, write_explore
from viz.explore.view_settings import current_view, show_view
from viz.kit.address import Address
from viz.kit.choice import Choice, analysed, turned
from viz.kit.input_widgets import input_panel
from viz.kit.knob_widgets import knob_panel
from viz.kit.network_picker import pick_network, show_network
from viz.kit.refusal import refusal_sentence

_KEY = "explore.session"


@dataclass
class ExploreSession:
    """``choice`` is that of the last run, ``before`` the one before it where it has changed since, ``good`` the last that could be analysed."""

    choice: Choice | None = None
    before: Choice | None = None
    good: Choice | None = None
    turned: tuple[str, ...] = ()
    generation: int = -1  # counts networks and addresses: each gets new widgets

    def renew_widgets(self) -> None:
        """Give the sidebar new widgets, for another network or address."""
        self.generation += 1
        self.turned = ()


def explore_session() -> ExploreSession:
    """This session's."""
    found: ExploreSession = st.session_state.setdefault(_KEY, ExploreSession())
    return found


def _opened(state: ExploreState, _: ExploreState | None) -> None:
    session = explore_session()
    session.renew_widgets()
    session.choice = state.choice
    show_network(state.choice.name)
    show_view(state.view, state.choice.name)


EXPLORE = Address("explore", read_explore, write_explore, _opened)


def save_view() -> None:
    """Write into the address what is open in the graph and its direction, when these change without a run of the page."""
    EXPLORE.save(replace(EXPLORE.state(ExploreState), view=current_view()))


def sidebar(choice: Choice, session: ExploreSession) -> tuple[Choice, list[KnobError]]:
    """Network, knobs and input as widgets: what they are set to, and what of it cannot be read."""
    name = pick_network(choice.name)
    if name != choice.name:
        choice = Choice(name, batch=choice.batch, dtype=choice.dtype)
        session.renew_widgets()
    prefix = f"k{session.generation}."
    knobs = catalog.knobs(name)
    values, wrong = knob_panel(knobs, catalog.settings(name, **choice.knobs), prefix)
    defaults = {k.name: k.default for k in knobs}
    st.caption("Input")
    return input_panel(replace(choice, knobs={k: v for k, v in values.items() if v != defaults[k]}), prefix), wrong


def settle(session: ExploreSession, choice: Choice) -> tuple[Choice | None, list[str]]:
    """The choice to show, and a sentence where it is not ``choice``: that cannot be analysed, and the last good one or the network as published stays."""
    session.before = session.choice if session.choice != choice else None
    if session.before is not None:
        session.turned = turned(session.before, choice)
    session.choice = choice
    try:
        analysed(choice)
    except (KnobError, TraceError) as error:
        return session.good or _as_published(choice), [refusal_sentence(error, choice)]
    session.good = choice
    return choice, []


def _as_published(choice: Choice) -> Choice | None:
    published = Choice(choice.name)
    try:
        analysed(published)
    except (KnobError, TraceError):
        return None
    return published


def base_of(choice: Choice) -> Analysis | None:
    """The analysis of the network as published, None where it is that."""
    default = choice.default()
    return None if default == choice else analysed(default)
