"""Scaling: any figure over one or two knobs, its power law, compound scaling, and what scaling buys in accuracy."""

import streamlit as st

from blocks.language import tr
from viz.kit.access import over_page
from viz.kit.markdown import error_box
from viz.kit.page import begin_page
from viz.scaling import controls
from viz.scaling.accuracy import accuracy_view
from viz.scaling.address import SCALING
from viz.scaling.compound import compound_view
from viz.scaling.knobs_view import knobs_view

begin_page()
saved = SCALING.open()
state, prefix = saved.state, f"scaling{saved.generation}."
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
    st.markdown(f"## {tr('Scaling')}", width="content")
    state = controls.view_of(state, prefix)
if state.view == "knobs":
    with st.sidebar:
        state = controls.knob_controls(state, prefix)
with over_page():
    for sentence in SCALING.problems(state):
        error_box(sentence)
    shown = controls.working_state(state) if state.view == "knobs" else state

if state.view == "knobs":
    knobs_view(shown)
elif state.view == "compound":
    state = compound_view(state, f"{prefix}compound")
else:
    accuracy_view("accuracy")
SCALING.save(state)
