"""Latency: measured, compared, explained, estimated, remembered."""

import streamlit as st

from blocks.language import tr
from viz.kit.access import over_page
from viz.kit.board import sides
from viz.kit.markdown import error_box
from viz.kit.page import begin_page
from viz.kit.variant_cards import cards, refusals
from viz.latency import controls
from viz.latency.address import LATENCY, SECTIONS
from viz.latency.ledger_view import ledger_section
from viz.latency.measuring import measure_section
from viz.latency.predicting import predict_section
from viz.latency.profiling import profile_section
from viz.latency.roofs import roofs_section
from viz.latency.session import elsewhere
from viz.latency.sweeping import sweep_section
from viz.latency.versus import versus_section

begin_page()
saved = LATENCY.open()
page = saved.state
title, more = st.columns([1, 1], vertical_alignment="bottom")
title.markdown(f"## {tr('Latency')}")
with more:
    controls.networks_bar(page)
page.section = controls.section_bar(page, SECTIONS)
if page.section != "ledger":
    cards(page.board)
shown = sides(page.board)
if page.section in controls.CONDITIONED:
    page.conditions = controls.conditions_bar(page)
LATENCY.save(page)
elsewhere(page)

with over_page():
    for sentence in saved.problems:
        error_box(sentence)
    refusals(page.board)
if page.section == "ledger":
    ledger_section()
    st.stop()
if not shown:
    st.info(tr("Add a network to measure it."), icon=":material/timer:")
    st.stop()

views = {"measure": measure_section, "versus": versus_section, "profile": profile_section, "roofline": roofs_section, "sweep": sweep_section}
if page.section in views:
    views[page.section](page, shown)
elif page.section == "predict":
    predict_section(shown)
