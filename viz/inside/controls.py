"""The sidebar of the Inside page: network, weights and knobs."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from blocks import catalog
from blocks.language import tr
from viz.inside.address import INSIDE, InsideState, with_network
from viz.inside.weights import known_weights
from viz.kit.choice import Choice
from viz.kit.knob_widgets import knob_panel, main_first
from viz.kit.markdown import error_box
from viz.kit.network_picker import pick_network
from viz.kit.widget_state import held_index

_RANDOM = "random"


def network_controls(state: InsideState, prefix: str) -> InsideState:
    """``state`` with the network, weights and knobs that the widgets hold; their keys begin with ``prefix``, which a newly opened address changes."""
    name = pick_network(state.choice.name, "inside.")
    if name != state.choice.name:
        state = with_network(state, Choice(name))
    prefix = f"{prefix}{name}."
    options = [*known_weights(name), _RANDOM]
    key = f"{prefix}weights"
    weights = st.selectbox(tr("Weights"), options, held_index(key, options, state.weights or _RANDOM), key=key, format_func=weights_title)
    state = replace(state, weights="" if weights == _RANDOM else weights)
    main, others = main_first(catalog.knobs(name))
    values = catalog.settings(name, **state.choice.knobs)
    chosen, wrong = knob_panel(main, values, prefix, captions=False)
    if others:
        with st.expander(tr("More")):
            more, wrong_too = knob_panel(others, values, prefix)
        chosen, wrong = chosen | more, wrong + wrong_too
    for error in wrong:
        error_box(str(error))
    published = {k.name: k.default for k in catalog.knobs(name)}
    knobs = {k: v for k, v in chosen.items() if v != published[k]}
    return with_network(state, replace(state.choice, knobs=knobs))


def weights_title(name: str) -> str:
    """Weights as the list shows them."""
    if name == _RANDOM:
        return tr("random, seed 0")
    return tr("file of the command line") if name == "file" else name


def take_choice(state: InsideState, choice: Choice, prefix: str) -> None:
    """Make ``choice`` the page's network from a button, before the page runs: the widgets with this ``prefix`` forget what they hold."""
    for key in [key for key in st.session_state if str(key).startswith(f"{prefix}{state.choice.name}.")]:
        del st.session_state[key]
    INSIDE.update(with_network(state, choice))
