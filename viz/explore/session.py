"""What the Explore page keeps between reruns: the choice in the URL, the last good picture, the knob that turned last."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from blocks import catalog
from blocks.analysis import Analysis
from blocks.knobs import KnobError
from blocks.trace.errors import TraceError
from viz.explore import view_settings
from viz.kit.choice import Choice, analysed, read_choice, turned, write_choice
from viz.kit.command_line import from_command_line
from viz.kit.input_widgets import input_panel, input_values
from viz.kit.knob_widgets import knob_panel, knob_values
from viz.kit.network_picker import pick_network
from viz.kit.refusal import refusal_sentence

_KEPT = "explore"


@dataclass
class Kept:
    """One session's memory of the page."""

    choice: Choice
    url: dict[str, str]
    problems: list[str]
    good: Choice | None = None
    turned: tuple[str, ...] = ()
    generation: int = 0  # a new network or link gets new widgets
    came_from: Choice | None = None  # in a run in which the choice changed: what it was before

    @property
    def prefix(self) -> str:
        """What the keys of the sidebar's widgets begin with."""
        return f"k{self.generation}."

    @property
    def drawn(self) -> bool:
        """Whether the sidebar's widgets are on the screen: they can then wait until figures, graph and formulas are sent."""
        return f"{self.prefix}_batch" in st.session_state


def kept() -> Kept:
    """This session's memory, read anew from the URL when it was opened or changed from outside."""
    params = dict(st.query_params)
    memory: Kept | None = st.session_state.get(_KEPT)
    if memory is None or params != memory.url:
        choice, problems = read_choice(params)
        problems += view_settings.take(params, choice.name)
        memory = Kept(choice, params, problems, memory.good if memory else None, (), memory.generation + 1 if memory else 0)
        st.session_state[_KEPT] = memory
        st.session_state["net"] = choice.name
    return memory


def chosen(memory: Kept) -> tuple[Choice, list[KnobError]]:
    """What the sidebar's widgets hold in this run, and what of it cannot be read. They are drawn later: figures, graph and formulas come first."""
    name = st.session_state.get("net") or memory.choice.name
    if name != memory.choice.name:
        memory.choice = Choice(name, batch=memory.choice.batch, dtype=memory.choice.dtype)
        memory.generation += 1
        memory.problems = []
    knobs = catalog.knobs(name)
    found, wrong = knob_values(knobs, catalog.settings(name, **memory.choice.knobs), memory.prefix)
    defaults = {k.name: k.default for k in knobs}
    choice = replace(memory.choice, name=name, knobs={k: v for k, v in found.items() if v != defaults[k]})
    return input_values(choice, memory.prefix), wrong


def sidebar(memory: Kept) -> None:
    """Network, knobs and input, as :func:`chosen` has read them."""
    choice = memory.choice
    with st.sidebar:
        pick_network(choice.name)
        knob_panel(catalog.knobs(choice.name), catalog.settings(choice.name, **choice.knobs), memory.prefix)
        st.caption("Input")
        input_panel(choice, memory.prefix)


def settle(memory: Kept, choice: Choice, wrong: list[KnobError]) -> tuple[Choice | None, list[str]]:
    """Analyse the choice; where that fails keep the last good one, at first the network as published. Returns what to show and what to say."""
    said = [*from_command_line(), *memory.problems, *map(str, wrong)]
    before = memory.choice
    try:
        analysed(choice)
    except (KnobError, TraceError) as error:
        said.append(refusal_sentence(error, choice))
        found = memory.good or _as_published(choice)
    else:
        found = memory.good = choice
    memory.came_from = before if choice != before else None
    if choice != before:
        memory.turned = turned(before, choice)
        memory.problems = []
    memory.choice = choice
    return found, said


def to_url(memory: Kept) -> None:
    """The choice and how it is looked at into the address, unless what could not be read of the address is still said.

    Called when the new picture is sent: a browser takes longer to change its address than to draw the figures."""
    url = write_choice(memory.choice) | view_settings.given()
    if memory.choice == Choice() and not memory.url and len(url) == 1:
        url = {}
    if url != memory.url and not memory.problems:
        memory.url = url
        st.query_params.from_dict(url)


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
