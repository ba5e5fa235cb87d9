"""Compare: two to six variants side by side, from the headline figures down to every operation."""

import streamlit as st

from blocks.language import tr
from viz.compare import views
from viz.compare.differences import against_first
from viz.compare.downloads import downloads
from viz.compare.formula_view import formula_view
from viz.compare.graphs import side_graphs
from viz.compare.latency import latency_section
from viz.compare.roofs import roofline_section
from viz.kit.access import over_page
from viz.kit.board import sides
from viz.kit.board_session import COMPARE
from viz.kit.markdown import error_box
from viz.kit.page import begin_page
from viz.kit.variant_cards import adding, cards, compare_title, refusals

begin_page()
saved = COMPARE.open()
board = saved.state
title, more = st.columns([3, 2], vertical_alignment="bottom")
with title:
    compare_title(board)
with more:
    adding(board)
cards(board)
compared = sides(board)
COMPARE.save(board)

with over_page():
    for sentence in saved.problems:
        error_box(sentence)
    refusals(board)
if not compared:
    st.info(tr("Add two to six networks or blocks, here or from Explore."), icon=":material/balance:")
    st.stop()

diffs = against_first(compared)
views.figure_table(compared)
st.markdown(tr("### Knobs that differ"))
views.knob_table(compared)
st.markdown(tr("### Graphs"))
side_graphs(compared, diffs)
if diffs:
    st.markdown(tr("### What differs"))
    views.difference_table(compared, diffs)
st.markdown(tr("### Formulas"))
formula_view(compared)
st.markdown(tr("### Where the cost is"))
views.cost_chart(compared)
st.markdown(tr("### Roofline and estimates"))
roofline_section(compared)
st.markdown(tr("### Latency"))
latency_section(compared)
st.markdown(tr("### Published"))
views.published_tables(compared)
st.markdown(tr("### Report"))
downloads(compared, diffs)
