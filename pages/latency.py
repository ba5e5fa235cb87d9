"""Latency: measured, compared, explained, estimated, remembered."""

import streamlit as st

from viz.kit.board import board_problems, sides
from viz.kit.page import begin_page
from viz.kit.variant_cards import cards
from viz.latency import controls
from viz.latency.address import LATENCY, SECTIONS
from viz.latency.ledger_view import book
from viz.latency.measuring import measure
from viz.latency.predicting import predict
from viz.latency.profiling import profile
from viz.latency.roofs import roofs
from viz.latency.session import elsewhere
from viz.latency.sweeping import sweeps
from viz.latency.versus import versus

begin_page()
saved = LATENCY.open()
page = saved.state
title, more = st.columns([2, 1], vertical_alignment="bottom")
title.markdown("## Latency")
with more:
    controls.networks(page)
page.section = controls.section(page, SECTIONS)
if page.section != "ledger":
    cards(page.board)
shown = sides(page.board)
if page.section in controls.CONDITIONED:
    page.conditions = controls.conditions(page)
LATENCY.save(page)
elsewhere(page)

for sentence in [*saved.problems, *board_problems(page.board)]:
    st.error(sentence, icon=":material/error:")
if page.section == "ledger":
    book()
    st.stop()
if not shown:
    st.info("Add a network to measure it.", icon=":material/timer:")
    st.stop()

views = {"measure": measure, "versus": versus, "profile": profile, "roofline": roofs, "sweep": sweeps}
if page.section in views:
    views[page.section](page, shown)
elif page.section == "predict":
    predict(shown)
