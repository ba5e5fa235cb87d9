"""Inside: a picture goes through a network; what every operation gives, and how any number of it comes about."""

import streamlit as st

from viz.inside.address import INSIDE
from viz.inside.controls import network_controls
from viz.inside.page import inside_view, shown_state
from viz.kit.access import over_page
from viz.kit.command_line import from_command_line
from viz.kit.markdown import error_box
from viz.kit.page import begin_page

begin_page(steady=True)
saved = INSIDE.open()
prefix = f"inside{saved.generation}."
with st.sidebar:
    state = network_controls(saved.state, prefix)
with over_page():
    for sentence in [*from_command_line(), *INSIDE.problems(state)]:
        error_box(sentence)
    shown = shown_state(state, prefix)
if shown is not None:
    inside_view(shown)
INSIDE.save(state)
