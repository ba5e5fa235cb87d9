"""Design space: sample the knobs that may move under a budget, see costs and front, search."""

from dataclasses import replace

import streamlit as st

from blocks.knobs import KnobError
from blocks.language import tr
from viz.kit.access import over_page
from viz.kit.markdown import error_box
from viz.kit.network_picker import network_title
from viz.kit.page import begin_page
from viz.kit.setting import setting_title
from viz.space import controls
from viz.space.address import DESIGN
from viz.space.sampled import sample_of
from viz.space.search_view import search_view
from viz.space.view import axes_of_chart, space_view

begin_page()
saved = DESIGN.open()
with st.sidebar:
    state = controls.controls(saved.state, f"design{saved.generation}.")
title, chosen = st.columns([1, 1], vertical_alignment="bottom")
title.markdown(tr("## Design space of {network}", network=setting_title(state.choice, network_title(state.choice.name))))
with chosen:
    x, y = axes_of_chart(state)
state = replace(state, x=x, y=y)
drawn = None
with over_page():
    for sentence in DESIGN.problems(state):
        error_box(sentence)
    shown = controls.working_design(state)
    try:
        drawn = sample_of(shown)
    except KnobError as error:
        error_box(str(error))
if drawn is not None:
    space_view(shown, drawn)
    search_view(shown)
DESIGN.save(state)
