"""What the Explore page keeps of a session beside its address: the last good network, the knob that turned last, the sidebar's widgets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import streamlit as st

from blocks import catalog
from blocks.analysis import Analysis
from blocks.knobs import KnobError
from blocks.language import tr
from blocks.trace.errors import TraceError
from viz.explore.address import ExploreState, read_explore, write_explore
from viz.explore.turns import Turns
from viz.explore.view_settings import current_view, show_view
from viz.kit.access import icon_only
from viz.kit.address import Address
from viz.kit.choice import Choice, analysed, can_run, turned
from viz.kit.input_widgets import input_panel, input_values
from viz.kit.knob_widgets import knob_panel, knob_values, main_first
from viz.kit.network_picker import pick_network, show_network
from viz.kit.refusal import refusal_sentence
from viz.kit.widget_state import held

_KEY = "explore.session"


@dataclass
class ExploreSession:
    """``choice`` is that of the last run, ``before`` the one before it where it has changed since, ``good`` the last that could be analysed."""

    choice: Choice | None = None
    before: Choice | None = None
    good: Choice | None = None
    turned: tuple[str, ...] = ()
    refused: list[str] = field(default_factory=list)  # sentences on widgets that hold what cannot be read
    turns: Turns = field(default_factory=Turns)
    generation: int = -1  # counts networks and addresses: each gets new widgets

    @property
    def prefix(self) -> str:
        """What the keys of the sidebar's widgets begin with."""
        return f"k{self.generation}."

    def renew_widgets(self) -> None:
        """Give the sidebar new widgets, for another network or address."""
        self.generation += 1
        self.turned, self.refused = (), []


def explore_session() -> ExploreSession:
    """This session's."""
    found: ExploreSession = st.session_state.setdefault(_KEY, ExploreSession())
    return found


def _opened(state: ExploreState, _: ExploreState | None) -> None:
    session = explore_session()
    session.renew_widgets()
    if session.choice is not None and session.choice != state.choice:  # Back, Forward or a link: it can be undone like a turn
        session.turns = session.turns.turned(session.choice)
    session.choice = state.choice
    show_network(state.choice.name, "explore.")
    show_view(state.view, state.choice.name)


def _follow(state: ExploreState, network: Choice) -> ExploreState:
    """The network that the user looked at on another page; what is open in the graph belongs to the network before."""
    if network == state.choice:
        return state
    same = network.name == state.choice.name
    return ExploreState(network, state.view if same else replace(state.view, opened=None))


EXPLORE = Address("pages/explore.py", read_explore, write_explore, _opened, network=lambda state: state.choice, follow=_follow)


def save_view() -> None:
    """Write into the address what is open in the graph and its direction, when these change without a run of the page."""
    EXPLORE.save(replace(EXPLORE.state(ExploreState), view=current_view()))


def network_control(choice: Choice, session: ExploreSession) -> Choice:
    """The widgets that choose a network: ``choice``, or another network as published."""
    name = pick_network(choice.name, "explore.")
    if name == choice.name:
        return choice
    session.renew_widgets()
    other = Choice(name, batch=choice.batch, dtype=choice.dtype)
    EXPLORE.update(replace(EXPLORE.state(ExploreState), choice=other))
    return other


def knob_sidebar(choice: Choice, session: ExploreSession) -> None:
    """Knobs and input as widgets that show ``choice``. They change the state in a callback, so they may be drawn after what depends on them."""
    main, others = main_first(catalog.knobs(choice.name))
    values = catalog.settings(choice.name, **choice.knobs)
    knob_panel(main, values, session.prefix, _take_controls, captions=False)
    st.caption(tr("Input"))
    input_panel(choice, session.prefix, _take_controls)
    if others:
        key = f"{session.prefix}more"
        if any(k.name in choice.knobs for k in others) and not st.session_state.get(f"{key}.set"):
            st.session_state[f"{key}.set"] = st.session_state[key] = True  # a link or another page has set one of them: it is seen
        more = st.expander(tr("More ({n})", n=len(others)), held(key, False), key=key, on_change="rerun")
        if more.open:  # closed it costs nothing: its widgets would be a fifth of every turn
            with more:
                knob_panel(others, values, session.prefix, _take_controls)


def _take_controls() -> None:
    """A knob or the input was changed: the page's state becomes what the widgets hold, but for what cannot be read."""
    state, session = EXPLORE.state(ExploreState), explore_session()
    choice = state.choice
    knobs = catalog.knobs(choice.name)
    values, wrong = knob_values(knobs, catalog.settings(choice.name, **choice.knobs), session.prefix)
    session.refused = [str(error) for error in wrong]
    defaults = {k.name: k.default for k in knobs}
    choice = replace(choice, knobs={k: v for k, v in values.items() if v != defaults[k]})
    EXPLORE.update(replace(state, choice=input_values(choice, session.prefix)))


def use_choice(choice: Choice) -> None:
    """Set every widget to ``choice``, in a callback: a button offered it."""
    explore_session().renew_widgets()
    EXPLORE.update(replace(EXPLORE.state(ExploreState), choice=choice))


def turn_buttons(choice: Choice) -> None:
    """Undo, redo and the network as published, above the knobs."""
    turns = explore_session().turns
    with st.container(horizontal=True, gap="small", key="turns"):
        for key, name, said, shortcut, back_to, on_click in (
            ("undo", tr("Undo"), tr("Undo the last turn."), "Ctrl+Z", turns.past, _undo),
            ("redo", tr("Redo"), tr("Redo what was undone."), "Ctrl+Shift+Z", turns.future, _redo),
        ):
            st.button(icon_only(name), icon=f":material/{key}:", key=key, shortcut=shortcut, disabled=not back_to, help=said, on_click=on_click)
        published = Choice(choice.name)
        title, said = tr("As published"), tr("Every knob and the input as the network was published.")
        if catalog.is_address(choice.name):
            title, said = tr("As opened"), tr("Every knob and the input as the network was opened.")
        st.button(title, key="published", disabled=choice == published, help=said, on_click=use_choice, args=(published,))


def _undo() -> None:
    session, now = explore_session(), EXPLORE.state(ExploreState).choice
    if session.turns.past:  # a second press may come before the page has run
        _go(*session.turns.undone(now))


def _redo() -> None:
    session, now = explore_session(), EXPLORE.state(ExploreState).choice
    if session.turns.future:
        _go(*session.turns.redone(now))


def _go(choice: Choice, turns: Turns) -> None:
    use_choice(choice)
    session = explore_session()
    session.choice, session.turns = choice, turns
    show_network(choice.name, "explore.")


def settle(session: ExploreSession, choice: Choice) -> tuple[Choice | None, list[str]]:
    """The choice to show, and a sentence where it is not ``choice``: that cannot be analysed, and the last good one or the network as published stays."""
    session.before = session.choice if session.choice != choice else None
    if session.before is not None:
        session.turned = turned(session.before, choice)
        session.turns = session.turns.turned(session.before)
    session.choice = choice
    try:
        analysed(choice)
    except (KnobError, TraceError) as error:
        last = session.good if session.good is not None and session.good.name == choice.name else None
        published = Choice(choice.name)
        return last or (published if can_run(published) else None), [refusal_sentence(error, choice)]
    session.good = choice
    return choice, []


def base_of(choice: Choice) -> Analysis | None:
    """The analysis of the network as published, None where it is that."""
    default = choice.default()
    return None if default == choice else analysed(default)
