"""Atlas, the first page: all families in time and by idea, and their presets on accuracy against cost."""

import streamlit as st

from viz.atlas import state
from viz.atlas.map import family_map
from viz.atlas.panel import family_panel
from viz.atlas.presets import presets_view
from viz.atlas.search import search_box, search_hits, search_results
from viz.kit.page import begin_page

begin_page()
state.old_address()
title, searching = st.columns([2, 1], vertical_alignment="bottom")
title.markdown("## Atlas of architectures")
with searching:
    text = search_box()
hits = search_hits(text)
if hits is not None:
    search_results(text, hits)

family, problem = state.chosen(st.query_params)
if problem:
    st.error(problem, icon=":material/error:")
picture, story = st.columns([3.3, 1.2], gap="medium")
with picture:
    family_map(family, hits, key=state.KEY, on_choose=state.choose)
with story:
    family_panel(family)
presets_view(family, hits)
state.keep(text)
