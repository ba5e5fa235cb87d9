"""Devices: any network's time on a published device, on one of which a few networks were timed, or on a GPU of which the data sheet is known."""

from dataclasses import replace

import streamlit as st

from blocks.language import tr
from viz.devices import controls
from viz.devices.address import DEVICES
from viz.devices.sheet import sheet_controls, sheet_view
from viz.devices.view import flops_view, known_view, own_view
from viz.kit.access import over_page
from viz.kit.markdown import error_box
from viz.kit.page import begin_page

begin_page()
saved = DEVICES.open()
state, prefix = saved.state, f"devices{saved.generation}."
with st.sidebar:
    state = controls.device_network(state)
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
    st.markdown(f"## {tr('Devices')}", width="content")
    state = controls.device_view(state, prefix)
with over_page():
    for sentence in DEVICES.problems(state):
        error_box(sentence)
    choice = controls.working_devices(state).choice
state = {"known": controls.known_controls, "own": controls.own_controls, "sheet": sheet_controls, "flops": controls.ranks_controls}[state.view](state, prefix)
DEVICES.save(state)
{"known": known_view, "own": own_view, "sheet": sheet_view, "flops": flops_view}[state.view](replace(state, choice=choice))
